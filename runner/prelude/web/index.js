/**
 * The web platform: every class is text until a script first looks at it. What the network's modules need of it, they
 * load through the same modules: http.js, streams.js, abort.js, event.js, url.js.
 */
import { lazyGlobals, lazyMethods } from '../lazy.js';
import loadEvents from './event.js?lazy';
import loadAbort from './abort.js?lazy';
import loadStreams from './streams.js?lazy';
import loadHttp from './http.js?lazy';
import loadUrl from './url.js?lazy';
import loadBlob from './blob.js?lazy';
import loadForms from './form-data.js?lazy';
import loadCrypto from './crypto.js?lazy';
import loadEncoding from './encoding.js?lazy';

/** @param {object} global */
export function installWeb(global) {
  function group(names, load, install) {
    lazyGlobals(
      global,
      names,
      {
        install() {
          load()[install](global);
        },
      }.install,
    );
  }
  group(
    ['Event', 'EventTarget', 'CustomEvent', 'MessageEvent', 'CloseEvent', 'ErrorEvent'],
    loadEvents,
    'installEvents',
  );
  group(['AbortController', 'AbortSignal', 'signal'], loadAbort, 'installAbort');
  group(
    ['ReadableStream', 'ReadableStreamDefaultReader', 'ReadableStreamDefaultController'],
    loadStreams,
    'installStreams',
  );
  group(['Headers', 'Request', 'Response'], loadHttp, 'installHttp');
  group(['URL', 'URLSearchParams'], loadUrl, 'installUrl');
  group(['Blob', 'File'], loadBlob, 'installBlob');
  group(['FormData'], loadForms, 'installForms');
  group(['TextEncoder', 'TextDecoder'], loadEncoding, 'installEncoding');
  group(['crypto', 'Crypto', 'SubtleCrypto', 'CryptoKey'], loadCrypto, 'installCrypto');
  lazyMethods(global, loadEncoding, { atob: 1, btoa: 1 });
}
