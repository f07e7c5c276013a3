// The same jobs as bench/http/gyre, on Node's own http module.
'use strict';
const http = require('node:http');

http.createServer((request, response) => {
  if (request.url.startsWith('/json/')) {
    const body = JSON.stringify({ id: Number(request.url.slice(6)), text: 'Hello, World!' });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 13 });
  response.end('Hello, World!');
}).listen(Number(process.argv[2]), '127.0.0.1', 4096);
