import { App } from 'cdktf';
import { McpRules, PlatformReport } from 'cdktf-oci-mcp';
import { FoundationStack } from './foundation-stack';
import { McpStack } from './mcp-stack';

const app = new App();
new FoundationStack(app, 'secure-platform-foundation');
new McpStack(app, 'secure-platform');
McpRules.enforce(app);
PlatformReport.write(app);
app.synth();
