/** What the engine brings and the prelude replaces, kept for modules that are loaded later. */

export var NativeProxy = Proxy;
export var nativeReflect = { get: Reflect.get, set: Reflect.set, construct: Reflect.construct };

/** Globals that typedarray.js installs over the engine's. */
export var ARRAY_KINDS = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
];
export var NativeTextEncoder = TextEncoder;
export var NativeTextDecoder = TextDecoder;
/** Called with an object that nothing refers to any more. */
export var onFree = globalThis.Duktape.fin;
export var NativeBytes = Uint8Array;
export var nativeArrays = ARRAY_KINDS.map(function (name) {
  return globalThis[name];
});
