// One bundle. The settings come from ../settings.vscode.json, which follows from lsp_debugger/config: `package.json`
// holds them only in the package that is built.
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;
mkdirSync(`${here}dist`, { recursive: true });
await build({
  entryPoints: [`${here}src/extension.ts`],
  outfile: `${here}dist/extension.js`,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node18',
  external: ['vscode'],
  minify: true,
});

const manifest = JSON.parse(readFileSync(`${here}package.json`, 'utf8'));
const installing = JSON.parse(readFileSync(`${here}src/installing.json`, 'utf8'));
const configuration = JSON.parse(readFileSync(`${here}../settings.vscode.json`, 'utf8'));
manifest.contributes.configuration = [
  configuration,
  {
    title: 'LSP Debugger: this extension',
    properties: {
      'lspDebugger.server.path': {
        type: 'string',
        default: 'lsp-debugger',
        scope: 'machine',
        markdownDescription: 'The program to start: a full path, or a name on `PATH` or where uv and pipx put programs. Workspaces cannot set it.',
      },
      'lspDebugger.server.package': {
        type: 'string',
        default: installing.package,
        scope: 'machine',
        markdownDescription: 'What uv or pipx install when the server is not found and you press the button: the path of a checkout or a wheel, an address, a name in your package index. Workspaces cannot set it.',
      },
      'lspDebugger.trace.server': {
        type: 'string',
        enum: ['off', 'messages', 'verbose'],
        default: 'off',
        scope: 'window',
        description: 'Show what this extension and the server say to each other in the output.',
      },
    },
  },
];
manifest.files = ['dist/extension.js', 'walkthrough.md', 'LICENSE']; // vsce adds this package's README by itself
delete manifest.scripts;
delete manifest.devDependencies;
mkdirSync(`${here}dist/package/dist`, { recursive: true });
writeFileSync(`${here}dist/package/package.json`, JSON.stringify(manifest, null, 2));
copyFileSync(`${here}dist/extension.js`, `${here}dist/package/dist/extension.js`);
for (const name of ['README.md', 'walkthrough.md']) {
  copyFileSync(`${here}${name}`, `${here}dist/package/${name}`);
}
copyFileSync(`${here}../../LICENSE`, `${here}dist/package/LICENSE`);
