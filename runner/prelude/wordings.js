/** The engine's error messages and what V8 says instead. */

/** First match wins. `#1` stands for the first group written as V8 writes values, `$1` for its text. */
var WORDINGS = [
  [
    /^cannot read property (.+) of (undefined|null)$/,
    "Cannot read properties of $2 (reading '#1')",
  ],
  [
    /^cannot write property (.+) of (undefined|null)$/,
    "Cannot set properties of $2 (setting '#1')",
  ],
  [
    /^cannot delete property (.+) of (undefined|null)$/,
    'Cannot convert undefined or null to object',
  ],
  [/^identifier '(.+)' undefined$/, '$1 is not defined'],
  [/ not callable \(property (.+) of .+\)$/, '(intermediate value).#1 is not a function'],
  [/^(.+) not callable$/, '#1 is not a function'],
  [/^(.+) not constructable$/, '#1 is not a constructor'],
  [/^function required, found (.+) \(stack index -?\d+\)$/, '#1 is not a function'],
  [/^object required, found (.+) \(stack index -?\d+\)$/, '#1 is not an object'],
  [/^invalid (?:array )?length$/, 'Invalid array length'],
  [/^(?:callstack limit|C stack depth limit)$/, 'Maximum call stack size exceeded'],
  [/^cannot (?:string|number) coerce Symbol$/, 'Cannot convert a Symbol value to a string'],
  [/^not object coercible$/, 'Cannot convert undefined or null to object'],
  [/^not extensible$/, 'Cannot add property, object is not extensible'],
  [/^not writable$/, 'Cannot assign to read only property'],
  [/^not configurable$/, 'Cannot delete or redefine a property that is not configurable'],
  [/^Invalid Date$/, 'Invalid time value'],
  [/^invalid input$/, 'URI malformed'],
  [/^(.+) \(line (\d+)\)$/, '$1 (line $2; eval and new Function take ES5 text only)'],
];

/** 'text', 0, [Symbol local 'x'], [object Kind] as V8 would write them. */
function valueText(text) {
  var symbol = /^\[Symbol \w+ '\??(.*?)\??'\]$/.exec(text);
  if (symbol) return 'Symbol(' + symbol[1] + ')';
  return text.replace(/^'(.*)'$/, '$1').replace(/^\[object (.*)\]$/, '#<$1>');
}

/** @returns {string} V8's words for an engine's message, or the message itself */
export function reword(message) {
  for (var i = 0; i < WORDINGS.length; i++) {
    var match = WORDINGS[i][0].exec(message);
    if (match === null) continue;
    return WORDINGS[i][1]
      .split('#1')
      .join(match[1] === undefined ? '' : valueText(match[1]))
      .split('$1')
      .join(match[1])
      .split('$2')
      .join(match[2]);
  }
  return message;
}
