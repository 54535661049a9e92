-- What the commands, the answer window and the configuration share. No defaults of the server live here.
local M = {}

local FILETYPES = {
  'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'rust', 'go', 'c', 'cpp', 'java',
  'cs', 'ruby', 'php', 'sh', 'bash',
}

-- Neovim 0.10 has functions where newer ones have methods.
local function call(client, name, ...)
  if vim.fn.has('nvim-0.11') == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

--- What this client can do, with the one thing that Neovim itself does not: show an answer as it grows.
---@return lsp.ClientCapabilities
function M.capabilities()
  return vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
    experimental = { lspDebugger = { answerDelta = true } },
  })
end

--- The configuration of our server alone, or in front of others: `config({ 'basedpyright-langserver', '--stdio' }, …)`.
---@param ... string[] commands of language servers that ours is to stand in for
---@return vim.lsp.Config
function M.config(...)
  local cmd = { 'lsp-debugger' }
  for i, wrapped in ipairs({ ... }) do
    if i == 1 then
      cmd[#cmd + 1] = 'wrap'
    end
    cmd[#cmd + 1] = '--'
    vim.list_extend(cmd, wrapped)
  end
  return {
    name = 'lsp_debugger',
    cmd = cmd,
    filetypes = FILETYPES,
    root_markers = { 'pyproject.toml', 'package.json', 'Cargo.toml', 'go.mod', '.git' },
    capabilities = M.capabilities(),
  }
end

--- Start the server for a buffer: what `vim.lsp.enable` does, for Neovim 0.10.
---@param bufnr integer
---@param ... string[] as for `config`
function M.start(bufnr, ...)
  local config = M.config(...)
  config.root_dir = vim.fs.root(bufnr, config.root_markers) or vim.fs.dirname(vim.api.nvim_buf_get_name(bufnr))
  return vim.lsp.start(config, { bufnr = bufnr })
end

--- A place in a buffer as LSP writes it. Not Neovim 0.10's own, which goes wrong after wide characters.
---@param row integer from 0
---@param column integer in bytes
---@param encoding string
function M.position(bufnr, row, column, encoding)
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
  column = math.min(column, #line)
  if vim.fn.has('nvim-0.11') == 1 then
    column = vim.str_utfindex(line, encoding, column)
  elseif encoding ~= 'utf-8' then
    local utf32, utf16 = vim.str_utfindex(line, column)
    column = encoding == 'utf-16' and utf16 or utf32
  end
  return { line = row, character = column }
end

--- Clients with our commands, whatever they are called: ours alone, or one that wraps another server.
---@param bufnr integer?
---@return vim.lsp.Client[]
function M.clients(bufnr)
  return vim.tbl_filter(function(client)
    local commands = vim.tbl_get(client, 'server_capabilities', 'executeCommandProvider', 'commands') or {}
    return vim.list_contains(commands, 'lspDebugger.explain')
  end, vim.lsp.get_clients({ bufnr = bufnr }))
end

--- Run one of our commands; `take` gets its result.
---@param name string without `lspDebugger.`
function M.command(name, argument, take)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = M.clients(bufnr)[1] or M.clients()[1]
  if not client then
    vim.notify('lsp_debugger is not running here; see :checkhealth lsp_debugger', vim.log.levels.WARN)
    return
  end
  local params = { command = 'lspDebugger.' .. name, arguments = { argument } }
  call(client, 'request', 'workspace/executeCommand', params, function(err, result)
    if err then
      vim.notify(err.message, vim.log.levels.WARN)
    elseif result and result.reason then
      vim.notify(result.reason, vim.log.levels.INFO)
    elseif take then
      take(result or {})
    end
  end, bufnr)
end

M.call = call
return M
