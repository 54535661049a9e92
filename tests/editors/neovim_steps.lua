-- What the scripts in a real Neovim share: steps that are waited for, and one JSON object at the end.
return function(seen)
  local results = os.getenv('WALK_RESULTS')
  seen.steps = {}

  --- Write what was seen to $WALK_RESULTS and leave.
  local function finish()
    vim.fn.writefile({ vim.json.encode(seen) }, results .. '.new')
    vim.uv.fs_rename(results .. '.new', results)
    for _, running in ipairs(vim.lsp.get_clients()) do
      require('lsp_debugger').call(running, 'stop')
    end
    vim.wait(3000, function()
      return #vim.lsp.get_clients() == 0
    end)
    vim.cmd('qa!')
  end

  --- Wait for a condition; without it the walk ends here and says so.
  local function step(name, condition, ms)
    local ok, came = pcall(vim.wait, ms or 30000, condition, 20)
    seen.steps[#seen.steps + 1] = { name, ok and came == true }
    if not (ok and came) then
      seen.error = name .. ': ' .. tostring(came) .. ' ' .. vim.inspect(seen.menu)
      finish()
    end
  end

  return finish, step
end
