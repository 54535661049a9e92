return "in a checkout of lsp_debugger: pipx install \".[demo,languages]\""
