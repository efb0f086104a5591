/** The left sides of assignments. */
import ts from 'typescript';

var K = ts.SyntaxKind;

/** Notes on identifiers of an assignment's left side that they are written. */
export function markTarget(node) {
  var i;
  switch (node.kind) {
    case K.Identifier:
      node.amidIsTarget = true;
      break;
    case K.ParenthesizedExpression:
    case K.NonNullExpression:
    case K.AsExpression:
    case K.SpreadElement:
      markTarget(node.expression);
      break;
    case K.ArrayLiteralExpression:
      for (i = 0; i < node.elements.length; i++) markTarget(node.elements[i]);
      break;
    case K.ObjectLiteralExpression:
      node.amidIsPattern = true;
      for (i = 0; i < node.properties.length; i++) markPropertyTarget(node.properties[i]);
      break;
    case K.BinaryExpression:
      markTarget(node.left);
      break;
  }
}

function markPropertyTarget(property) {
  if (property.kind === K.ShorthandPropertyAssignment) property.name.amidIsTarget = true;
  else if (property.kind === K.PropertyAssignment) markTarget(property.initializer);
  else if (property.kind === K.SpreadAssignment) markTarget(property.expression);
}
