-- The whole walk in a real Neovim. Writes what was seen to $WALK_RESULTS as one JSON object.
local wraps = os.getenv('WALK_WAY') == 'wrap'
local seen = { popups = {}, progress = {}, neovim = tostring(vim.version()) }
local finish, step = dofile(vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2))) .. '/neovim_steps.lua')(seen)

--- Have the screen kept as it is now.
local function picture(moment)
  vim.cmd('redraw')
  vim.fn.writefile({ moment }, os.getenv('WALK_PICTURE') .. '.new')
  vim.uv.fs_rename(os.getenv('WALK_PICTURE') .. '.new', os.getenv('WALK_PICTURE'))
  vim.wait(5000, function()
    return vim.uv.fs_stat(os.getenv('WALK_PICTURE')) == nil
  end, 20)
end

local function popup(...)
  -- Neovim's own: 0.10 says the first for each other server without a hover, 0.12 the second of an edit that one chose.
  if (...) == 'No information available' or vim.startswith((...), 'Applied changes:') then
    return
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
step('a screen', function()
  return #vim.api.nvim_list_uis() > 0
end)
vim.opt.runtimepath:append(os.getenv('WALK_PACKAGES') .. '/neovim')
vim.cmd('runtime plugin/lsp_debugger.lua')
vim.cmd.edit(vim.fn.fnameescape(vim.fn.fnamemodify(os.getenv('WALK_FILE'), ':.')))
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
picture('card')
close_floats()

--- Take an action out of the menu. The list waits for nothing, so it may take more than one look.
local function choose(wanted)
  local taken = false
  vim.ui.select = function(items, _, take)
    local chosen
    seen.menu = {}
    for _, item in ipairs(items) do
      local action = item.action or item[2]
      seen.menu[#seen.menu + 1] = action.title
      if action.title:find(wanted) then
        chosen = chosen or item
      end
    end
    taken = chosen ~= nil
    take(chosen, 1)
  end
  vim.lsp.buf.code_action()
  vim.wait(1000, function()
    return taken
  end)
  return taken
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
picture('answer')
local seconds, microseconds = vim.uv.gettimeofday()
seen.cancelled_at = seconds + microseconds / 1e6
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

-- The rest with a model that is scripted: what it says is known.
vim.uv.fs_copyfile(os.getenv('WALK_OTHER_SETTINGS'), os.getenv('WALK_SETTINGS'))
local restarted
ours.command('restart', nil, function(result)
  restarted = result.restarted
end)
step('the other settings', function()
  return restarted
end)
vim.api.nvim_win_set_cursor(0, { 1, vim.fn.byteidxcomp(line, tonumber(os.getenv('WALK_COLUMN'))) + 1 })
local first_id = answers.last
step('Explain again', function()
  return choose('^Explain: ')
end)
step('a whole answer', function()
  return answers.last ~= first_id and answers.get().done
end)
seen.whole_answer = answer()
picture('whole-answer')
vim.cmd('LspDebugger enter')
vim.fn.search('me.py:1')
vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('<CR>', true, true, true), 'x', false)
seen.visited = { vim.api.nvim_get_current_buf() == bufnr, vim.api.nvim_win_get_cursor(0)[1] }
vim.api.nvim_win_set_cursor(0, { 1, vim.fn.byteidxcomp(line, tonumber(os.getenv('WALK_COLUMN'))) + 1 })
step("the model's fix", function()
  return choose('^Fix with the model: ')
end)
step('its edit, once it was checked', function()
  return text() ~= seen.undone
end, 60000)
seen.fixed_by_model = text()
vim.cmd('silent undo')
seen.undone_again = text()

seen.commands = vim.fn.getcompletion('LspDebugger ', 'cmdline')
vim.cmd('silent checkhealth lsp_debugger')
seen.health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
finish()
