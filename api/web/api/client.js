// Requests to this service. Every failure is an ApiError; an aborted request stays an AbortError.

/** Path of the service as the browser sees it: this module is at {base}/assets/{digest}/api/client.js. */
export const BASE = new URL('../../../', import.meta.url).pathname.replace(/\/$/, '');

/** @typedef {{place: string, message: string, code?: string, values?: Record<string, unknown>}} Place */
/** @typedef {{method?: string, json?: unknown, body?: BodyInit, headers?: Record<string, string>, signal?: AbortSignal,
 *   keepalive?: boolean}} Options */

export class ApiError extends Error {
  /** @param {{status: number, code: string, detail?: string, problems?: Place[], requestId?: string,
   *   retryAfterSeconds?: number}} problem  Status 0: there was no answer. */
  constructor({ status, code, detail = '', problems = [], requestId = '', retryAfterSeconds = 0 }) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.problems = problems;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request may succeed later without a change. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code === 'request_in_progress';
  }
}

/** Who wants to know how requests went: the session and the state of the connection. */
export const observers = {
  /** @type {(sentAt: number) => void} By `performance.now()`. */ answered() {},
  /** @type {() => void} */ unreachable() {},
  /** @type {() => void} */ unauthenticated() {},
};

/** Sends a request, and returns the answer if its status is below 400.
 * @param {string} path @param {Options} [options] @returns {Promise<Response>} */
export async function send(path, { method = 'GET', json, body, headers = {}, signal, keepalive } = {}) {
  /** @type {Record<string, string>} */
  const type = json === undefined ? {} : { 'Content-Type': 'application/json' };
  const sent = { method, body: json === undefined ? body : JSON.stringify(json), signal, keepalive };
  const sentAt = performance.now();
  const response = await fetch(BASE + path, { ...sent, headers: { ...type, ...headers } }).catch((error) => {
    throw error.name === 'AbortError' ? error : unreachable();
  });
  observers.answered(sentAt);
  if (response.ok) return response;
  throw await toError(response.status, response.headers, await response.text());
}

/** Sends a request, and returns the JSON of the answer, null if it has none.
 * @param {string} path @param {Options} [options] @returns {Promise<any>} */
export async function request(path, options) {
  const response = await send(path, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/** Uploads a form with progress, which fetch does not report. `key` is its Idempotency-Key.
 * @param {string} path @param {FormData} form
 * @param {{key: string, signal: AbortSignal, onProgress: (sentBytes: number) => void}} options @returns {Promise<any>} */
export function upload(path, form, { key, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new DOMException('aborted', 'AbortError'));
    const [call, sentAt] = [new XMLHttpRequest(), performance.now()];
    call.open('POST', BASE + path);
    call.setRequestHeader('Idempotency-Key', key);
    call.upload.onprogress = (event) => onProgress(event.loaded);
    call.onerror = () => reject(unreachable());
    call.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    call.onload = () => {
      observers.answered(sentAt);
      if (call.status < 400) return resolve(JSON.parse(call.responseText));
      const headers = { get: (/** @type {string} */ name) => call.getResponseHeader(name) };
      return reject(toError(call.status, headers, call.responseText));
    };
    signal.addEventListener('abort', () => call.abort());
    return call.send(form);
  });
}

function unreachable() {
  observers.unreachable();
  return new ApiError({ status: 0, code: navigator.onLine ? 'server_away' : 'offline' });
}

/** @param {number} status @param {{get(name: string): string | null}} headers @param {string} text */
function toError(status, headers, text) {
  const problem = parse(text);
  const error = new ApiError({
    status,
    code: problem.code ?? (status >= 500 ? 'server_away' : 'invalid_request'), // such as the page of a proxy
    detail: problem.detail,
    problems: problem.problems,
    requestId: problem.request_id,
    retryAfterSeconds: Number(headers.get('Retry-After')) || 0,
  });
  if (error.code === 'unauthenticated') observers.unauthenticated();
  if (status >= 502) observers.unreachable();
  return error;
}

/** @param {string} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
