/** Headers, Request and Response: loaded together, as who needs one of them needs the others. */
import { globalClass } from '../install.js';
import { Headers, Response, makeResponse, responseParts, isResponse } from './response.js';
import { Request, makeRequest, requestParts, abortRequest } from './request.js';

export {
  makeResponse,
  responseParts,
  isResponse,
  Request,
  makeRequest,
  requestParts,
  abortRequest,
};

/** @param {object} global */
export function installHttp(global) {
  globalClass(global, 'Headers', Headers, 0);
  globalClass(global, 'Request', Request, 1);
  globalClass(global, 'Response', Response, 0);
}
