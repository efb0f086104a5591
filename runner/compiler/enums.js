/** Values of TypeScript's enum members, which the transformer wants to know before it numbers the following ones. */
import ts from 'typescript';

var K = ts.SyntaxKind;

function isEnumMember(node) {
  return node !== undefined && node.kind === K.EnumMember;
}

function memberNamed(declaration, name) {
  for (var i = 0; i < declaration.members.length; i++) {
    if (
      ts.idText(declaration.members[i].name) === name ||
      declaration.members[i].name.text === name
    ) {
      return declaration.members[i];
    }
  }
  return undefined;
}

var BINARY = {};
BINARY[K.BarToken] = function (a, b) {
  return a | b;
};
BINARY[K.AmpersandToken] = function (a, b) {
  return a & b;
};
BINARY[K.LessThanLessThanToken] = function (a, b) {
  return a << b;
};
BINARY[K.PlusToken] = function (a, b) {
  return a + b;
};
BINARY[K.MinusToken] = function (a, b) {
  return a - b;
};
BINARY[K.AsteriskToken] = function (a, b) {
  return a * b;
};

function evaluate(node, declaration) {
  var left, right, member;
  switch (node.kind) {
    case K.NumericLiteral:
      return +node.text;
    case K.StringLiteral:
    case K.NoSubstitutionTemplateLiteral:
      return node.text;
    case K.ParenthesizedExpression:
      return evaluate(node.expression, declaration);
    case K.PrefixUnaryExpression:
      right = evaluate(node.operand, declaration);
      if (typeof right !== 'number') return undefined;
      if (node.operator === K.MinusToken) return -right;
      if (node.operator === K.TildeToken) return ~right;
      return node.operator === K.PlusToken ? right : undefined;
    case K.BinaryExpression:
      left = evaluate(node.left, declaration);
      right = evaluate(node.right, declaration);
      if (
        left === undefined ||
        right === undefined ||
        BINARY[node.operatorToken.kind] === undefined
      )
        return undefined;
      return BINARY[node.operatorToken.kind](left, right);
    case K.Identifier:
      member = memberNamed(declaration, ts.idText(node));
      return member && member.pos < node.pos ? valueOfMember(member) : undefined;
    default:
      return undefined;
  }
}

function valueOfMember(member) {
  var declaration = member.parent;
  var index = declaration.members.indexOf(member);
  var before;
  if (member.initializer) return evaluate(member.initializer, declaration);
  if (index === 0) return 0;
  before = valueOfMember(declaration.members[index - 1]);
  return typeof before === 'number' ? before + 1 : undefined;
}

export var enums = {
  valueOf: function (node) {
    var parsed = ts.getParseTreeNode(node);
    return isEnumMember(parsed) ? valueOfMember(parsed) : undefined;
  },
  /** The enum whose member a bare name inside it means. */
  containerOf: function (node) {
    var parsed = ts.getParseTreeNode(node);
    if (parsed === undefined || parsed.kind !== K.Identifier || parsed.amidBinding !== undefined)
      return undefined;
    for (var at = parsed.parent; at !== undefined; at = at.parent) {
      if (at.kind === K.EnumDeclaration && memberNamed(at, ts.idText(parsed)) !== undefined)
        return at;
    }
    return undefined;
  },
};
