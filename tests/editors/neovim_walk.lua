-- The whole walk in a real Neovim, without a terminal. Writes what was seen to $WALK_RESULTS as one JSON object.
local wraps = os.getenv('WALK_WAY') == 'wrap'
local seen = { popups = {}, progress = {}, steps = {}, neovim = tostring(vim.version()) }
local function finish()
  vim.fn.writefile({ vim.json.encode(seen) }, os.getenv('WALK_RESULTS'))
  for _, running in ipairs(vim.lsp.get_clients()) do
    require('lsp_debugger').call(running, 'stop')
  end
  vim.wait(3000, function()
    return #vim.lsp.get_clients() == 0
  end)
  vim.cmd('qa!')
end

local function step(name, condition, ms)
  local ok, came = pcall(vim.wait, ms or 30000, condition, 20)
  seen.steps[#seen.steps + 1] = { name, ok and came == true }
  if not (ok and came) then
    seen.error = name .. ': ' .. tostring(came) .. ' ' .. vim.inspect(seen.menu)
    finish()
  end
end

local function popup(...)
  if (...) == 'No information available' then
    return -- Neovim 0.10 says it for each other server without a hover
  end
  seen.popups[#seen.popups + 1] = vim.inspect({ ... }):sub(1, 300)
end
vim.notify = popup
vim.lsp.handlers['window/showMessage'] = function(_, params)
  popup(params)
end
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local params = event.data.params or event.data.result
    if tostring(params.token):find('explain') then
      seen.progress[#seen.progress + 1] = params.value.kind
    end
  end,
})

vim.o.swapfile = false
vim.opt.runtimepath:append(os.getenv('WALK_PACKAGES') .. '/neovim')
vim.cmd('runtime plugin/lsp_debugger.lua')
vim.cmd.edit(vim.fn.fnameescape(os.getenv('WALK_FILE')))
local bufnr = vim.api.nvim_get_current_buf()
local before = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
vim.bo.filetype = 'python'

local ours = require('lsp_debugger')
local ruff = { 'ruff', 'server' }
if vim.lsp.enable then
  if wraps then
    vim.lsp.config('lsp_debugger', ours.config(ruff))
  else
    vim.lsp.config('ruff', { cmd = ruff, filetypes = { 'python' } })
    vim.lsp.enable('ruff')
  end
  vim.lsp.enable('lsp_debugger')
else
  ours.start(bufnr, wraps and ruff or nil)
  if not wraps then
    vim.lsp.start({ name = 'ruff', cmd = ruff, root_dir = vim.fs.dirname(os.getenv('WALK_FILE')) }, { bufnr = bufnr })
  end
end

step('a client with our commands', function()
  return #ours.clients(bufnr) > 0
end)
local client = ours.clients(bufnr)[1]
seen.encoding = client.offset_encoding
step('the findings of another server', function()
  for _, each in ipairs(vim.diagnostic.get(bufnr)) do
    if each.source == 'Ruff' and each.code == 'F821' then
      seen.finding = each.message
      return true
    end
  end
end)

local line = before[1]
vim.api.nvim_win_set_cursor(0, { 1, vim.fn.byteidxcomp(line, tonumber(os.getenv('WALK_COLUMN'))) + 1 })

local function floats()
  local found = {}
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      found[#found + 1] = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
    end
  end
  return table.concat(found, '\n')
end
local function close_floats()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      vim.api.nvim_win_close(window, true)
    end
  end
end
step('the card in the hover', function()
  close_floats() -- else the next hover only enters the one that is open
  vim.lsp.buf.hover()
  vim.wait(700, function()
    return floats():find('never imported') ~= nil
  end)
  seen.hover = floats()
  return seen.hover:find('never imported') ~= nil
end)
close_floats()

local function choose(wanted)
  seen.menu = {}
  vim.ui.select = function(items, _, take)
    local chosen
    for _, item in ipairs(items) do
      local action = item.action or item[2]
      seen.menu[#seen.menu + 1] = action.title
      if action.title:find(wanted) then
        chosen = chosen or item
      end
    end
    take(chosen, 1)
  end
  vim.lsp.buf.code_action()
  return vim.wait(5000, function()
    return #seen.menu > 0
  end)
end

local answers = require('lsp_debugger.answers')
local function answer()
  local given = answers.get()
  return given and table.concat(vim.api.nvim_buf_get_lines(given.bufnr, 0, -1, false), '\n') or ''
end
step('Explain in the menu', function()
  return choose('^Explain: ')
end)
seen.first_menu = seen.menu
step('the window with the answer', function()
  return answers.get() ~= nil
end)
seen.cursor_stays = vim.api.nvim_get_current_buf() == bufnr
local sizes = {}
step('an answer that grows', function()
  if sizes[#sizes] ~= #answer() then
    sizes[#sizes + 1] = #answer()
  end
  return #sizes > 5
end, 60000)
seen.grew_before_the_end = not answers.get().done
seen.window = floats()
vim.cmd('LspDebugger cancel')
step('the cancel', function()
  return answers.get().done
end, 20000)
seen.answer = answer()
step('the end of the progress', function()
  return seen.progress[#seen.progress] == 'end'
end)

step('the certain fix', function()
  return choose('import math')
end)
seen.fix_menu = seen.menu
local function text()
  return table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), '\n') .. '\n'
end
step('its edit', function()
  return text():find('^import math') ~= nil
end, 10000)
seen.fixed = text()
vim.cmd('silent undo')
seen.undone = text()
seen.commands = vim.fn.getcompletion('LspDebugger ', 'cmdline')
vim.cmd('silent checkhealth lsp_debugger')
seen.health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
finish()
