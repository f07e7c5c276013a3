// node:http as it comes: the peer in Node. Usage: node server.js PORT
'use strict';

const http = require('node:http');

const body = Buffer.from('Hello, World!');
const headers = { 'Content-Type': 'text/plain', 'Content-Length': body.length };

const server = http.createServer((request, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
// The default of 5 s would close connections while the others are measured, and would add a Keep-Alive header.
server.keepAliveTimeout = 0;
server.listen(Number(process.argv[2]), '127.0.0.1');
