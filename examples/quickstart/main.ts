import { App } from 'cdktf';
import { McpStack } from './mcp-stack';
import { PlatformStack } from './platform-stack';

const app = new App();
new PlatformStack(app, 'quickstart-platform');
new McpStack(app, 'quickstart');
app.synth();
