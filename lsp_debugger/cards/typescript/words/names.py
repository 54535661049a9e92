"""Names, modules and types that do not fit: what people meet most."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "2300": (
        "One scope cannot hold two things of one name. Interfaces, namespaces and overloads are "
        "merged; everything else is a mistake."
    ),
    "2301": "In the value of a class's field the names of the constructor's parameters are not seen.",
    "2302": "A static member belongs to the class, which does not know the type parameters of its instances.",
    "2303": "A circle of imports leads back to the name itself.",
    "2304": (
        "A name has to be declared in the file, imported, or declared as a global by a library or a "
        "types package."
    ),
    "2305": "Only what a module exports can be imported from it.",
    "2306": "A file without an import or export is a script: it has no exports that could be imported.",
    "2307": (
        "The compiler looks for relative paths beside the file, for packages in node_modules, for "
        "aliases in `paths`. It needs code or declarations there."
    ),
    "2309": "`export =` makes one value the whole module, so nothing else can be exported.",
    "2310": "A type cannot be built on itself.",
    "2312": "Only an object type with known members can be extended by an interface.",
    "2313": "The limit of a type parameter leads back to itself.",
    "2314": (
        "A generic type gets its arguments in angle brackets, as many as it has parameters without defaults."
    ),
    "2315": "Only generic types take arguments in angle brackets.",
    "2318": (
        "The language needs this type, and no library that is loaded declares it: look at `lib`, "
        "`noLib` and `types`."
    ),
    "2320": "The types that an interface extends contradict each other.",
    "2322": (
        "A value can be put where a type is wanted if it has everything that the type promises, and "
        "nothing that it rules out."
    ),
    "2323": "A name is exported twice by the same file.",
    "2335": "`super` means the class that is extended, and is only there in one that extends another.",
    "2336": "`super` in constructor arguments or static code is not the object that is being made.",
    "2337": "`super()` is called in the constructor of a class that extends another one, nowhere else.",
    "2338": "Through `super` only methods of the base class are reached; fields are on the object itself.",
    "2339": (
        "A type lists what its values have. What is not listed cannot be used, even if it happens to "
        "be there at run time."
    ),
    "2340": "Through `super` only public and protected methods are reached.",
    "2341": (
        "A private member is for the class that declares it. What extends or uses the class cannot see it."
    ),
    "2343": "The configuration takes helpers from `tslib`, and the installed one lacks this.",
    "2344": "A type parameter with `extends` takes only types that fit it.",
    "2345": "An argument has to have everything that the parameter's type promises.",
    "2347": "A function without types cannot take type arguments.",
    "2348": "A class is no function: `new` makes an object of it.",
    "2349": "Only functions can be called. In a union each part has to be one.",
    "2350": "Only a function that gives nothing back can be called with `new`.",
    "2351": "`new` needs a class, or something that declares how objects are made of it.",
    "2352": (
        "`as` only narrows or widens: two types that have too little in common are not turned into "
        "each other by it."
    ),
    "2353": (
        "A literal that is written right where a type is wanted may only have properties of that "
        "type. The check is there for misspelt names."
    ),
    "2354": "The configuration takes helpers from `tslib`, which is not installed.",
    "2355": "A function with a result type has to return something.",
    "2356": "`++` and `--` count numbers.",
    "2357": "Only what can be given a value can be counted up or down.",
    "2358": "The left side of `instanceof` has to be an object or a type parameter.",
    "2359": "The right side of `instanceof` has to be a class or something else that decides about it.",
    "2362": "Arithmetic works with numbers; a text would be turned into one silently, or into NaN.",
    "2363": "Arithmetic works with numbers; a text would be turned into one silently, or into NaN.",
    "2364": "Only a variable or a property can be given a value.",
    "2365": "The operator is not defined for these two types.",
    "2366": (
        "With a result type each way through the function has to return a value, unless `undefined` "
        "is one of the results."
    ),
    "2367": (
        "Two values of types that share nothing are never equal, so the comparison decides nothing. "
        "Often one side is misspelt or of another kind than was thought."
    ),
    "2368": "A type parameter's name is one that the language has.",
    "2369": "Only a constructor can turn its parameters into members.",
    "2370": "A rest parameter collects into an array, so its type has to be one.",
    "2371": "Defaults belong to code, not to declarations.",
    "2372": "A parameter's default cannot use the parameter itself.",
    "2373": "A parameter's default cannot use one that comes later.",
    "2374": "A type has one index signature for each kind of key.",
    "2375": (
        "With `exactOptionalPropertyTypes` an optional property may be left out, but not set to `undefined`."
    ),
    "2376": "In a class that extends another, `super()` comes before anything that uses `this`.",
    "2377": (
        "A class that extends another one has to call `super()` in its constructor: that makes the object."
    ),
    "2378": "A getter has to return a value.",
    "2379": (
        "With `exactOptionalPropertyTypes` an optional property may be left out, but not set to `undefined`."
    ),
    "2383": "Overloads are either all exported or none is.",
    "2384": "Overloads are either all declarations or none is.",
    "2385": "Overloads all have the same visibility.",
    "2386": "Overloads are either all optional or none is.",
    "2387": "An overload's body is static, the overload is not.",
    "2388": "An overload is static, its body is not.",
    "2389": "The body of overloads has to have their name.",
    "2390": "A constructor is declared and has no body.",
    "2391": "Overloads are followed by one body.",
    "2392": "A class has one constructor with a body.",
    "2393": "A function has one body. Overloads before it are declarations without one.",
    "2394": "The body of overloads has to be able to take what each of them promises.",
    "2395": "Declarations that are merged are either all exported or none is.",
    "2397": "The name is one that the language declares itself.",
}
