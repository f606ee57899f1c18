// What a scenario in JavaScript or TypeScript imports. Types and words: vuelo.d.ts.

export { define, fail } from './src/scenario.js';
export { http, Request, sendAll, cookies, HttpError } from './src/http.js';
export { Handshake, WebSocketError } from './src/websocket.js';
export { Counter, Gauge, Rate, Trend } from './src/metrics.js';
export { check, group, sleep, sleepBetween, random, setTag, removeTag, abort, markFailed, execution } from './src/flow.js';
export * as config from './src/config.js';
export * as log from './src/log.js';
