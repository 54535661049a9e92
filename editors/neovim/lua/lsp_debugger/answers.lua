-- Answers in a floating window, as they grow. Opened by a question of yours and by nothing else; never takes the cursor.
local M = {}

---@type table<string, { bufnr: integer, seq: integer, done: boolean }>
local answers = {}
local PLACES = vim.api.nvim_create_namespace('lsp_debugger.places')
---@type table<integer, table<integer, string>> addresses of places, by buffer and mark
local addresses = vim.defaulttable()
local window
M.last = nil ---@type string? id of the newest answer

local function open(bufnr)
  local width = math.min(vim.o.columns - 4, 100)
  local height = math.max(math.min(math.floor(vim.o.lines * 0.4), 24), 5)
  local shape = {
    relative = 'editor', anchor = 'SE', row = vim.o.lines - 2, col = vim.o.columns - 1, width = width, height = height,
    border = 'rounded', style = 'minimal', title = ' lsp_debugger ', focusable = true,
    -- Who sees it for the first time wants to read on, or to be rid of it.
    footer = ' :LspDebugger enter | cancel | close ', footer_pos = 'right',
  }
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_set_buf(window, bufnr)
  else
    window = vim.api.nvim_open_win(bufnr, false, shape)
  end
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  vim.wo[window].conceallevel = 2
end

local function new(id)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(bufnr, ('lspdbg://%s.md'):format(id))
  vim.bo[bufnr].filetype = 'markdown'
  -- Hides the addresses behind links; Neovim 0.10 does not start it for Markdown by itself.
  pcall(vim.treesitter.start, bufnr, 'markdown')
  vim.bo[bufnr].modifiable = false
  vim.keymap.set('n', 'q', M.close, { buffer = bufnr, desc = 'close the answer' })
  vim.keymap.set('n', '<CR>', M.visit, { buffer = bufnr, desc = 'go to the place under the cursor' })
  answers[id] = { bufnr = bufnr, seq = -1, done = false }
  M.last = id
  open(bufnr)
  return answers[id]
end

--- Of links to files the names stay, as marks that lead there: a window wraps lines as if it did not hide addresses.
local function shorten_links(bufnr, row)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(bufnr, row, -1, false)) do
    local here, from, to, label, address = row + i - 1, line:find('%[([^%]]+)%]%((file://[^%s)]+)%)')
    while from do
      label = label:gsub('\\(%p)', '%1')
      vim.api.nvim_buf_set_text(bufnr, here, from - 1, here, to, { label })
      local shape = { end_col = from - 1 + #label, hl_group = 'Underlined' }
      addresses[bufnr][vim.api.nvim_buf_set_extmark(bufnr, PLACES, here, from - 1, shape)] = address
      line = line:sub(1, from - 1) .. label .. line:sub(to + 1)
      from, to, label, address = line:find('%[([^%]]+)%]%((file://[^%s)]+)%)', from + #label)
    end
  end
end

local function append(bufnr, text)
  local row = vim.api.nvim_buf_line_count(bufnr) - 1
  local column = #vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  vim.bo[bufnr].modifiable = true
  local shown = window and vim.api.nvim_win_is_valid(window) and vim.api.nvim_win_get_buf(window) == bufnr
  local cursor = shown and vim.api.nvim_win_get_cursor(window)
  vim.api.nvim_buf_set_text(bufnr, row, column, row, column, vim.split(text, '\n'))
  shorten_links(bufnr, row)
  if cursor then -- which Neovim 0.12 pushes along: an answer is read from its beginning
    vim.api.nvim_win_set_cursor(window, cursor)
  end
  vim.bo[bufnr].modifiable = false
end

--- Handler of `lspDebugger/answerDelta`.
function M.on_delta(_, params)
  local answer = answers[params.id] or new(params.id)
  if params.seq <= answer.seq or not vim.api.nvim_buf_is_valid(answer.bufnr) then
    return
  end
  answer.seq, answer.done = params.seq, params.done == true
  append(answer.bufnr, params.text)
end

--- The buffer, and whether it is finished, of an answer; the newest without an id.
function M.get(id)
  return answers[id or M.last]
end

--- Show an answer again. False when it is none of this session's.
function M.show(id)
  local answer = answers[id]
  if answer and vim.api.nvim_buf_is_valid(answer.bufnr) then
    open(answer.bufnr)
    return true
  end
  return false
end

--- Put the cursor into the window, to scroll and to copy; `q` closes it.
function M.enter()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_set_current_win(window)
  end
end

--- Open the place under the cursor, or the first of its line, in the window before.
function M.visit()
  local bufnr = vim.api.nvim_get_current_buf()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local address
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(bufnr, PLACES, { row - 1, 0 }, { row - 1, -1 }, { details = true })) do
    local is_here = mark[3] <= column and column < mark[4].end_col
    address = (is_here or not address) and addresses[bufnr][mark[1]] or address
  end
  if address then
    local file, line = address:match('^([^#]+)#?L?(%d*)')
    local target = vim.uri_to_bufnr(file)
    vim.bo[target].buflisted = true
    vim.cmd.wincmd('p')
    vim.api.nvim_win_set_buf(0, target)
    vim.api.nvim_win_set_cursor(0, { math.min(tonumber(line) or 1, vim.api.nvim_buf_line_count(0)), 0 })
  end
end

function M.close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

return M
