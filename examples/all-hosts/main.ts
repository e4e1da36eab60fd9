import { App } from 'cdktf';
import { McpStack } from './mcp-stack';
import { PlatformStack } from './platform-stack';

const app = new App();
new PlatformStack(app, 'all-hosts-platform');
new McpStack(app, 'all-hosts');
app.synth();
