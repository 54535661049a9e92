"""What the grammar of the language asks for, and where declarations may stand."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "1002": (
        "A string in quotes ends in the line in which it begins. Only a template in backticks may go "
        "over several lines."
    ),
    "1003": (
        "A name has to stand here: of a variable, a property, a type. What stands here instead cannot be one."
    ),
    "1005": (
        "The grammar allows only certain words and signs at each place. The real mistake is often "
        "just before the place that is shown."
    ),
    "1009": (
        "A comma at the end of a list is not allowed everywhere; a parameter after `...rest` cannot "
        "exist, for one."
    ),
    "1010": (
        "A comment that begins with `/*` goes on until `*/`. Without one the rest of the file is comment."
    ),
    "1011": "Square brackets read an element by its index or key, so something has to stand between them.",
    "1014": "A rest parameter takes all arguments that are left, so nothing can come after it.",
    "1015": "A parameter with a default can be left out anyway; a question mark beside it says nothing.",
    "1016": (
        "Arguments are given in order. A required parameter behind an optional one could never be "
        "reached without giving both."
    ),
    "1029": "Modifiers such as `public`, `static`, `readonly` and `async` have a fixed order.",
    "1030": "The same modifier stands twice on one declaration.",
    "1036": (
        "In a declaration file there is only what exists, not what is done: statements have no place there."
    ),
    "1038": "Everything in a `declare` block is declared already; the word is not repeated inside.",
    "1039": "A declaration only says that something exists. Its value is given where it is really made.",
    "1040": "The modifier cannot be used in declarations, where nothing is run.",
    "1042": "This modifier does not belong on this kind of declaration.",
    "1044": "This modifier does not belong at the top level of a module or a namespace.",
    "1046": "At the top level of a declaration file each thing is `declare`d or `export`ed.",
    "1047": "A rest parameter is an empty array when nothing is left for it, so it is never missing.",
    "1048": "A rest parameter takes what is left; it cannot have a default.",
    "1055": "Only a promise type can be the result of an async function for this target.",
    "1064": (
        "An async function always returns a promise, whatever stands behind its `return`. Its "
        "declared type has to say so."
    ),
    "1068": (
        "In the body of a class only members are declared; statements go into methods and the constructor."
    ),
    "1070": "This modifier does not belong on a member of a type.",
    "1089": "A constructor makes the object itself, so words about how it is called do not fit it.",
    "1095": "A setter has one parameter and gives nothing back.",
    "1100": "The name means something fixed in strict mode, which every module and class is in.",
    "1101": "`with` makes it impossible to know what a name means, so strict mode has none.",
    "1103": "`for await` waits for each element, which only an async function or a module can do.",
    "1104": (
        "`continue` starts the next round of a loop, and there is no loop around it in the same function."
    ),
    "1105": "`break` leaves a loop or a switch, and there is none around it in the same function.",
    "1107": "A jump cannot leave the function that it is in; a callback is a function of its own.",
    "1108": "`return` ends a function, and there is none around it.",
    "1109": (
        "A value has to stand here: a name, a literal, a call. Often something was left out, or a "
        "sign stands too much."
    ),
    "1110": "A type has to stand here.",
    "1117": "In an object literal the last of several equal keys wins, so the others are lost.",
    "1124": "After the `e` of a number comes its exponent.",
    "1125": "An escape in a string has to be complete: so many hexadecimal digits.",
    "1126": "The file ends in the middle of something.",
    "1127": "A character stands here that cannot be part of the source.",
    "1128": (
        "What stands here cannot begin a statement. Often a bracket before it is closed too early, or "
        "once too often."
    ),
    "1131": "In the body of a type or a class a property or a signature is expected.",
    "1134": "A variable needs a name.",
    "1135": "An argument is expected between the commas of a call.",
    "1136": "In an object literal a property is expected here.",
    "1137": "In a list an expression or a comma is expected here.",
    "1138": "In a list of parameters a declaration is expected here.",
    "1139": "In a list of type parameters a declaration is expected here.",
    "1141": "A module is named by a string.",
    "1144": "The body of a function or a `;` is expected.",
    "1146": "A declaration is expected, such as a class or a function after a decorator or a modifier.",
    "1149": (
        "The same file is imported under names that differ in upper and lower case. On some systems "
        "that is one file, on others it is not there."
    ),
    "1155": "A constant never gets another value, so it has to have one from the start.",
    "1156": "A declaration cannot be the only statement of an `if` or a loop without braces.",
    "1160": "A template goes on until the next backtick that is not escaped.",
    "1161": "A regular expression ends in the line in which it begins, with a slash.",
    "1163": "`yield` hands a value out of a generator, a function with a `*`.",
    "1164": "The name of an enum's member has to be known while compiling.",
    "1166": "The name of a property of a class has to be known while compiling.",
    "1168": "A method that several overloads share needs a name that is known while compiling.",
    "1170": "The name of a property of a type has to be known while compiling.",
    "1183": "A declaration file says what exists; bodies belong to the code.",
    "1184": "This modifier does not belong at this place.",
    "1185": (
        "A merge left its markers in the file: the parts between them have to be chosen from and the "
        "markers removed."
    ),
    "1192": (
        "A default export is a single value without a fixed name, written `export default`. Braces "
        "are for exports that have names."
    ),
    "1196": "Anything may be thrown, so a caught value can only be typed `any` or `unknown`.",
    "1202": "`import x = require()` is CommonJS; this project writes its modules as ES modules.",
    "1205": (
        "When files are compiled one by one, nobody knows that a re-exported name is a type unless "
        "`export type` says so."
    ),
    "1225": "A type predicate has to name one of the function's parameters.",
    "1228": "A type predicate says of a parameter what it is; it is the result type of a function.",
    "1231": "An `export =` has to stand at the top level of a file.",
    "1232": "Imports stand at the top level of a file; in the middle of code there is `import()`.",
    "1233": "Exports stand at the top level of a file.",
    "1238": "What a decorator is called with does not fit its parameters.",
    "1240": "What a decorator is called with does not fit its parameters.",
    "1241": "What a decorator is called with does not fit its parameters.",
    "1243": "The two modifiers contradict each other.",
    "1244": "Only an abstract class can leave members to others.",
    "1245": "An abstract member has no body: classes that extend this one write it.",
    "1248": "A class member cannot be declared with the words for variables.",
    "1252": "In strict mode a function is not declared inside of a block for this target.",
    "1254": "A constant in a declaration file can only be a literal.",
    "1259": (
        "The module is written as CommonJS; a default import of it works only with `esModuleInterop` "
        "or `allowSyntheticDefaultImports`."
    ),
    "1261": (
        "Two names of the same file differ in upper and lower case only. On some systems they are one "
        "file, on others two."
    ),
    "1268": "The key of an index signature can only be a string, a number, a symbol or a template of them.",
    "1270": "What a decorator gives back does not fit what it stands on.",
    "1286": "The file is CommonJS, where imports and exports of ES modules are not written.",
    "1287": "The file is CommonJS, where imports and exports of ES modules are not written.",
    "1294": (
        "The configuration allows only syntax that can be taken off without changing the program; "
        "this one makes code of its own."
    ),
    "1308": (
        "`await` stops a function until a promise is settled. Only an async function can be stopped, "
        "or a module at its top level."
    ),
    "1309": "A CommonJS file cannot wait at its top level.",
    "1312": "`=` gives a default only where an object is taken apart; in an object literal it is `:`.",
    "1313": "A single `;` is the whole body of this `if`, so what follows is run in any case.",
    "1319": "A default export has to stand in a module.",
    "1323": "`import()` needs a module format that has it.",
    "1337": "An index signature takes any key; for a fixed set of keys a mapped type is meant.",
    "1345": "A `void` result stands for nothing, so it cannot be asked whether it is true.",
    "1355": "`as const` works on literals only: it makes them as narrow and fixed as they are written.",
    "1357": "A member of an enum is followed by a comma or `=`.",
    "1359": "The word belongs to the language and cannot be a name.",
    "1361": "The name was imported as a type only, so it is not there when the program runs.",
    "1362": "The name was exported as a type only, so it is not there when the program runs.",
    "1363": "A type-only import has either a default or names, not both.",
    "1375": "`await` at the top level needs a module: a file with an import or export.",
    "1378": "`await` at the top level works with newer targets and module formats only.",
    "1381": "A closing brace in text of JSX has to be escaped: it looks like the end of an expression.",
    "1382": "A greater-than sign in text of JSX has to be escaped: it looks like the end of a tag.",
    "1385": "A function type in a union needs parentheses, or its result would swallow the rest.",
    "1389": "The word belongs to the language and cannot be a name.",
    "1431": "`for await` at the top level needs a module: a file with an import or export.",
    "1434": "A name or a keyword is misspelt, so that what follows makes no sense.",
    "1435": "Two words stand beside each other where a keyword is expected; often one is misspelt.",
    "1440": "A variable cannot be declared at this place.",
    "1443": "A module in a `declare module` is named in quotes.",
    "1470": "`import.meta` is only there in ES modules.",
    "1471": "A CommonJS file cannot `require` this ES module; `import()` can load it.",
    "1479": (
        "A CommonJS file cannot `require` an ES module; `import()` can load it, or the file has to "
        "become a module itself."
    ),
    "1484": (
        "With `verbatimModuleSyntax` imports stay as they are written, so one that brings a type has "
        "to say `import type`."
    ),
    "1485": (
        "With `verbatimModuleSyntax` imports stay as they are written, so one that brings a type has "
        "to say `import type`."
    ),
    "1540": "`module` for a namespace is an old spelling; `namespace` is the word now.",
    "1543": 'A JSON file is imported with the attribute `type: "json"` in this module format.',
    "17000": "An attribute of JSX needs a value.",
    "17001": "An attribute of JSX is written twice.",
    "17002": "A closing tag of JSX has to name the element that is open.",
    "17004": "JSX needs the option `jsx`.",
    "17008": "An element of JSX is not closed.",
    "17009": "`super()` has to come before `this` is used: it makes the object.",
    "17013": "`import.meta` and `new.target` have only these properties.",
    "17014": "A fragment of JSX is not closed.",
    "17019": (
        "A question mark or an exclamation mark stands at the end of a type, where it belongs to the start."
    ),
    "17020": "A question mark or an exclamation mark stands at the start of a type, where it means nothing.",
    "18003": "No file fits `files`, `include` and `exclude` of the configuration.",
    "18004": "`{ name }` is short for `{ name: name }`, so a variable of that name has to be there.",
    "18010": "A private name cannot have a modifier that says who sees it.",
    "18012": "`constructor` cannot be a private name.",
    "18013": "A private name is seen in its class only.",
    "18014": "Two classes inside of each other have the same private name.",
    "18016": "A private name is used outside of a class.",
    "18028": "Private names need a newer target.",
    "18029": "A private name cannot be declared like that.",
    "18033": "An enum's member can only be computed from numbers.",
    "18036": "A class with decorators cannot have private static names in this mode.",
    "18042": "The type is exported from a file of JavaScript and imported as a value.",
    "18046": "`unknown` stands for any value. Before it is checked nothing can be done with it.",
    "18047": (
        "With `strictNullChecks` null is a type of its own: a value that may be null has to be "
        "checked before it is used."
    ),
    "18048": (
        "With `strictNullChecks` undefined is a type of its own: a value that may be undefined has to "
        "be checked before it is used."
    ),
    "18049": "A value that may be null or undefined has to be checked before it is used.",
    "18050": "The value is never anything else than null or undefined here.",
}
