// json-server as a module, as its documentation has it; without its log line for each request.
import jsonServer from 'json-server'

const server = jsonServer.create()
server.use(jsonServer.defaults({ logger: false }))
server.use(jsonServer.router(process.env.PEER_DATA))
server.listen(Number(process.env.PORT), '127.0.0.1')
