"""Options of the compiler, unused things, implicit types."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "4104": "A `readonly` array cannot be changed, so it does not fit where one may be.",
    "4111": (
        "With `noPropertyAccessFromIndexSignature` a key that is not declared by name is read in brackets."
    ),
    "4112": "A class that extends nothing has nothing to override.",
    "4113": "`override` says that a base class has the member; it does not.",
    "4114": (
        "With `noImplicitOverride` each member that replaces one of the base class has to say so, so "
        "that a renamed base member is noticed."
    ),
    "4115": "With `noImplicitOverride` a parameter that replaces a member of the base class has to say so.",
    "4116": "With `noImplicitOverride` a member that writes an abstract one has to say so.",
    "4117": (
        "`override` says that a base class has the member; it does not. A name close to this one is there."
    ),
    "5023": "The option is none that this version of the compiler knows.",
    "5024": "The option wants another type of value.",
    "5025": "The option is none; a name close to it is.",
    "5055": "The compiler would overwrite a file that it reads. `outDir` moves the output away.",
    "5069": "The option only makes sense together with another one.",
    "5083": "A configuration that is extended or referred to cannot be read.",
    "5095": "The option does not go with this `module`.",
    "5096": (
        "Importing with `.ts` endings is only allowed where nothing is written, or where they are rewritten."
    ),
    "5097": "An import with a `.ts` ending needs `allowImportingTsExtensions`.",
    "5101": "The option is on its way out; `ignoreDeprecations` allows it for now.",
    "5107": "The option's value is on its way out; `ignoreDeprecations` allows it for now.",
    "5110": "`module` and `moduleResolution` have to fit.",
    "6053": "A file that the configuration or another file names is not there.",
    "6059": "All sources have to lie below `rootDir`, or the output cannot have the same folders.",
    "6133": (
        "With `noUnusedLocals` or `noUnusedParameters` what is declared has to be read. Unused things "
        "are left over or misspelt."
    ),
    "6138": "A private member that is never read is left over or misspelt.",
    "6192": 'No name of the import is used. An import for its effect alone is written `import "module"`.',
    "6196": "What is declared has to be used. It is left over or misspelt.",
    "6198": "No name of the pattern is used.",
    "6199": "None of the variables is used.",
    "6205": "None of the type parameters is used.",
    "6263": "Files with other endings need a declaration of what importing them gives.",
    "6305": "A project that is referred to is read by its declarations, which `tsc -b` writes.",
    "6306": "A project that is referred to has to be `composite`.",
    "6307": "A composite project lists all of its files.",
    "6310": "A project that is referred to has to write its declarations.",
    "6504": "A file of JavaScript is in the project and `allowJs` is off.",
    "7005": "With `noImplicitAny` a variable needs a type, or a value that tells it.",
    "7006": (
        "With `noImplicitAny` each parameter needs a type, unless what it is handed to tells it. "
        "Without one, mistakes with it are not found."
    ),
    "7008": "With `noImplicitAny` each member needs a type.",
    "7009": "`new` on a plain function gives `any`; a class says what it makes.",
    "7010": "With `noImplicitAny` a function without a body needs a result type.",
    "7011": "With `noImplicitAny` a function needs a result type where nothing tells it.",
    "7013": "A constructor's signature needs a result type.",
    "7015": "An index that is no number reads `any` from an array.",
    "7016": (
        "The package has code and no declarations. They may be in a package of their own, or have to "
        "be written."
    ),
    "7017": "An index into something without an index signature gives `any`.",
    "7018": "A property of an object literal has no type that anybody knows.",
    "7019": "A rest parameter needs the type of an array.",
    "7020": "A signature needs a result type.",
    "7022": "The type of a variable depends on itself; it has to be written.",
    "7023": "The result of a function depends on itself; its type has to be written.",
    "7024": "The result of a function depends on itself; its type has to be written.",
    "7025": "What a generator gives has no type that anybody knows.",
    "7026": "The tag of JSX has no type: the types of the framework are not loaded.",
    "7027": "The line comes after something that always leaves, so it never runs.",
    "7028": "A label that nothing jumps to.",
    "7029": (
        "With `noFallthroughCasesInSwitch` a case that does something has to end: without `break` or "
        "`return` the next one runs too."
    ),
    "7030": "With `noImplicitReturns` each way through the function has to return a value, or none does.",
    "7031": "With `noImplicitAny` a parameter that is taken apart needs a type.",
    "7032": "A setter needs a type for its parameter.",
    "7033": "A getter needs a result type.",
    "7034": (
        "An empty array gets its type from what is put into it. A function in between may run at any "
        "time, so there the type is not known."
    ),
    "7036": "The module's name is not known while compiling.",
    "7039": "A mapped type needs a type for its values.",
    "7041": "The value of `this` at the top level has no type.",
    "7043": "A variable has no type that anybody knows.",
    "7051": "A parameter in a type has a type and no name: what stands there is taken for the name.",
    "7052": "Reading by a key that is not listed gives `any`; a method such as `get` may be meant.",
    "7053": (
        "A key of a general type could be anything, so what it reads has no known type. An index "
        "signature, or a narrower key, says it."
    ),
    "7056": "The type is too large to be written into a declaration.",
    "7057": "`yield` gives something without a type here.",
    "7061": "A mapped type has no members of its own.",
    "8002": "`import =` is written in TypeScript only.",
    "8004": "Type parameters are written in TypeScript only.",
    "8005": "`implements` is written in TypeScript only.",
    "8006": "Interfaces, enums and namespaces are written in TypeScript only.",
    "8008": "Type aliases are written in TypeScript only.",
    "8009": "This modifier is written in TypeScript only.",
    "8010": "Types are written in TypeScript only; JavaScript has them in JSDoc comments.",
    "8016": "`as` is written in TypeScript only; JavaScript has it in JSDoc comments.",
    "9005": "The type of this export cannot be written into a declaration.",
    "9007": "With `isolatedDeclarations` each export's result type is written.",
    "9010": "With `isolatedDeclarations` each export's type is written.",
    "9011": "With `isolatedDeclarations` each parameter of an export has a written type.",
    "80005": "`require` can be written as an import.",
    "80006": "The function does nothing but chain promises; it can be async.",
    "80007": "`await` has no effect on what is no promise.",
}
