// undici against the KitchenSink: fetch_client.mjs http://HOST:PORT [UNDICI]. Node's own fetch is undici, too; a path to the
// package adds its pipelining client.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'

const [url, undici] = process.argv.slice(2)
const body = randomBytes(1 << 20)
const sha256 = createHash('sha256').update(body).digest('hex')
let failed = 0

async function check(name, block) {
  try {
    await block()
    console.log(`passed ${name}`)
  } catch (failure) {
    failed++
    console.log(`failed ${name}: ${String(failure.message).replaceAll('\n', ' ').slice(0, 300)} ${failure.cause ?? ''}`)
  }
}

async function* pieces() {
  for (let i = 0; i < body.length; i += 60_000) yield body.subarray(i, i + 60_000)
}

await check('undici: 500 requests, 50 at a time', async () => {
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => fetch(`${url}/users/${round}-${i}`).then(a => a.json())))
    answers.forEach((answer, i) => assert.equal(answer.id, `${round}-${i}`))
  }
})

await check('undici: a body of 1 MB comes back with its type', async () => {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-odd' } })
  assert.equal(answer.headers.get('content-type'), 'application/x-odd')
  assert.ok(body.equals(Buffer.from(await answer.arrayBuffer())))
})

await check('undici: an upload in chunks', async () => {
  const answer = await fetch(`${url}/upload`, { method: 'POST', body: pieces(), duplex: 'half' })
  assert.deepEqual(await answer.json(), { bytes: body.length, sha256 })
})

await check('undici: a form with a file', async () => {
  const form = new FormData()
  form.append('file', new File([body], 'a.bin', { type: 'application/octet-stream' }))
  form.append('text', 'Grüße')
  const [file, text] = await (await fetch(`${url}/form`, { method: 'POST', body: form })).json()
  assert.deepEqual([file.name, file.fileName, file.sha256], ['file', 'a.bin', sha256])
  assert.equal(text.sha256, createHash('sha256').update('Grüße').digest('hex'))
})

await check('undici: a stream is read to its end', async () => {
  const text = await (await fetch(`${url}/stream?n=5000`)).text()
  assert.equal(text, Array.from({ length: 5000 }, (_, i) => `chunk ${i}\n`).join(''))
})

await check('undici: server-sent events arrive as they are sent', async () => {
  let pieces = 0
  let text = ''
  for await (const piece of (await fetch(`${url}/sse?n=3`)).body) {
    pieces++
    text += Buffer.from(piece)
  }
  assert.ok(pieces >= 3, `${pieces} pieces`)
  assert.deepEqual(text.match(/^data: .*$/gm), ['data: 0', 'data: 1', 'data: 2'])
})

await check('undici: compressed text is told from the plain', async () => {
  const text = 'again and again, '.repeat(1000)
  const answer = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'text/plain', 'accept-encoding': 'br' } })
  assert.equal(answer.headers.get('content-encoding'), 'br')
  assert.equal(await answer.text(), text)
})

await check('undici: a request that is given up harms nobody', async () => {
  await assert.rejects(fetch(`${url}/slow?ms=5000`, { signal: AbortSignal.timeout(200) }))
  assert.equal(await (await fetch(url)).text(), 'Hello, World!')
})

if (undici) {
  const { Client } = (await import(undici)).default
  await check('undici: ten at a time in the pipe of one connection', async () => {
    const client = new Client(url, { pipelining: 10 })
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) =>
      client.request({ path: `/users/${i}`, method: 'GET' }).then(answer => answer.body.json())))
    answers.forEach((answer, i) => assert.equal(answer.id, `${i}`))
    await client.close()
  })
}

process.exit(failed ? 1 : 0)
