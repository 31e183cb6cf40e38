exports.name = 'nested in folder/miniprogram_npm'
