/** The engine's own RegExp, taken before the runtime puts its own in this place. */
export var NativeRegExp = RegExp;
