/* The server of this mini program. On a phone the URL must be https and among the request domains (request 合法域名). */
module.exports = { server: 'http://127.0.0.1:8080' }
