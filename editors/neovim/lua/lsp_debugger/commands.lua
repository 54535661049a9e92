-- `:LspDebugger …`: each is one command of the server, or one of the answer window.
local ours = require('lsp_debugger')
local answers = require('lsp_debugger.answers')

local M = {}

--- A command about what is reported under the cursor.
local function here(name)
  return function()
    local client = ours.clients(0)[1]
    local row, column = unpack(vim.api.nvim_win_get_cursor(0))
    local position = client and ours.position(0, row - 1, column, client.offset_encoding)
    ours.command(name, { uri = vim.uri_from_bufnr(0), position = position })
  end
end

M.explain = here('explain')
M.fix = here('fix')
M.fix_all = here('fixAll')
M.write_test = here('writeTest')
M.reduce = here('reduce')
M.escalate = here('escalate')

function M.cancel()
  if answers.last then
    ours.command('cancel', { id = answers.last })
  end
end

function M.last()
  if not (answers.last and answers.show(answers.last)) then
    ours.command('lastAnswer')
  end
end

function M.status()
  ours.command('status', nil, function(status)
    local lines = {}
    for name, value in vim.spairs(status) do
      lines[#lines + 1] = ('%s: %s'):format(name, value)
    end
    vim.notify(table.concat(lines, '\n'))
  end)
end

function M.restart()
  ours.command('restart')
end

M.enter = answers.enter
M.close = answers.close

local names = vim.tbl_keys(M)
table.sort(names)

function M.run(args)
  local run = vim.list_contains(names, args.args) and M[args.args]
  if run then
    run()
  else
    vim.notify('LspDebugger: one of ' .. table.concat(names, ', '), vim.log.levels.WARN)
  end
end

function M.complete(lead)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

return M
