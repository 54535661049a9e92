// Links of an answer to files. The preview knows no `file:` addresses, only places seen from the first workspace folder,
// so that is how they are written for it. What document it draws it does not say while it reads: links of others work too.
import * as path from 'node:path';
import * as vscode from 'vscode';

interface Token {
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

type Rule = (tokens: Token[], index: number, options: unknown, env: unknown, self: Renderer) => string;

interface Renderer {
  rules: Record<string, Rule | undefined>;
  renderToken(tokens: Token[], index: number, options: unknown): string;
}

/** The part of markdown-it that this needs. */
export interface MarkdownIt {
  renderer: Renderer;
  validateLink(link: string): boolean;
}

export function linkToFiles(md: MarkdownIt): MarkdownIt {
  const isValid = md.validateLink.bind(md);
  md.validateLink = (link) => isValid(link) || link.startsWith('file:');
  const before = md.renderer.rules.link_open;
  md.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const token = tokens[index];
    const href = token?.attrGet('href');
    if (href?.startsWith('file:')) {
      const place = fromFirstFolder(vscode.Uri.parse(href)) ?? href;
      token?.attrSet('href', place);
      token?.attrSet('data-href', place); // what the preview looks at when it is clicked
    }
    return before ? before(tokens, index, options, env, self) : self.renderToken(tokens, index, options);
  };
  return md;
}

/** `/src/a.py#L3`, with `..` for what lies elsewhere. */
function fromFirstFolder(file: vscode.Uri): string | undefined {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder?.uri.scheme !== 'file') {
    return undefined;
  }
  const steps = path.posix.relative(folder.uri.path, file.path).split('/').map(encodeURIComponent);
  return `/${steps.join('/')}${file.fragment ? `#${file.fragment}` : ''}`;
}
