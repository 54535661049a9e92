"""Classes, declarations, loops, null and undefined."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "2403": "A `var` that is declared again has to have the same type.",
    "2404": "The variable of a `for … in` is a key, always a string: it takes no type.",
    "2405": "The variable of a `for … in` gets keys, which are strings.",
    "2406": "The left side of a `for … in` has to be a variable.",
    "2407": "`for … in` goes through the keys of an object.",
    "2408": "A setter gives nothing back.",
    "2411": "A property has to fit the index signature of its type, which speaks for all keys.",
    "2413": "One index signature has to fit the other.",
    "2414": "The name is one that the language has as a type.",
    "2415": "A class that extends another one has to be usable in its place.",
    "2416": (
        "Wherever the base class is expected the derived one may come, so each member has to fit what "
        "the base promises."
    ),
    "2417": "The static side of a class has to fit that of the class that it extends.",
    "2420": (
        "A class that `implements` an interface has to have each member of it, in a type that fits. "
        "The interface itself brings no code."
    ),
    "2422": "A class can implement object types only.",
    "2423": "The base class has a method, and the derived one a getter of that name.",
    "2425": "The base class has a property, and the derived one a method of that name.",
    "2426": "The base class has a getter, and the derived one a method of that name.",
    "2428": "Declarations of one interface have the same type parameters.",
    "2430": "An interface that extends another one has to fit it.",
    "2432": "Of enums that are merged only one may leave out its first value.",
    "2433": "A namespace has to stand in the file of the class or function that it is merged with.",
    "2434": "A namespace has to stand behind the class or function that it is merged with.",
    "2435": "A module declaration cannot be nested.",
    "2439": "An import in a module declaration cannot be relative.",
    "2440": "An import binds its name in the file, so the file cannot declare it too.",
    "2442": "Private members of equal names in two classes are two things.",
    "2445": "A protected member is for the class that declares it and those that extend it.",
    "2446": "A protected member is reached through an object of the own class only.",
    "2447": "`&` and `|` on booleans give numbers; `&&` and `||` are meant.",
    "2448": "`let`, `const` and `class` have no value before their line has run. Function declarations do.",
    "2449": "A class has no value before its line has run.",
    "2450": "An enum has no value before its line has run.",
    "2451": "`let` and `const` are declared once in a scope.",
    "2454": (
        "A variable without a value is `undefined`. The compiler follows each way to this line and "
        "found one that does not set it."
    ),
    "2456": "A type alias leads back to itself without an object or array between.",
    "2457": "The name is one that the language has as a type.",
    "2459": "The name is declared in that file, but its file keeps it for itself.",
    "2460": "The module declares the name and exports it under another one.",
    "2461": "The value has to be an array here.",
    "2462": "A rest element takes what is left, so it stands last.",
    "2463": "A pattern in a function with a body cannot be optional.",
    "2464": "A computed name has to be a string, a number or a symbol.",
    "2465": "`this` cannot be used in a computed name.",
    "2466": "`super` cannot be used in a computed name.",
    "2469": "The operator does not work with symbols.",
    "2474": "A `const enum` has only values that are known while compiling.",
    "2475": "A `const enum` is gone at run time: only its members can be used.",
    "2476": "A member of a `const enum` is read by a fixed name.",
    "2480": "`let` cannot be the name of a variable that `let` declares.",
    "2481": "A `var` cannot cross a variable of the same name in a block.",
    "2483": "The variable of a `for … of` takes no type.",
    "2484": "The name is exported already under another declaration.",
    "2487": "The left side of a `for … of` has to be a variable.",
    "2488": (
        "`for … of`, `...` and array patterns need something that can be gone through: an array, a "
        "Map, a Set, a generator."
    ),
    "2491": "The variable of a `for … in` cannot be a pattern.",
    "2492": "The caught value has this name already in its block.",
    "2493": "A tuple has a fixed number of elements, and there is none at that index.",
    "2494": "A text can be gone through with newer targets only.",
    "2495": "Only arrays and texts can be gone through with this target.",
    "2497": "The module is CommonJS with a single export; `esModuleInterop` and a default import read it.",
    "2498": "`export *` needs a module with named exports.",
    "2499": "Only names can be extended by an interface.",
    "2503": "A namespace is declared in the file, imported, or comes with a types package.",
    "2504": "`for await` goes through what has an async iterator.",
    "2506": "A class leads back to itself through what it extends.",
    "2507": "Only a class can be extended.",
    "2508": "No constructor of the base class takes so many type arguments.",
    "2509": "The base class gives something that has no known members.",
    "2510": "Constructors of the base class give different results.",
    "2511": "An abstract class has members without a body, so no object can be made of it directly.",
    "2512": "Overloads are either all abstract or none is.",
    "2513": "An abstract method has no body that `super` could call.",
    "2515": (
        "An abstract member has no body. The first class in the line that is not abstract has to write it."
    ),
    "2516": "Overloads of an abstract member stand side by side.",
    "2518": "A `this` guard does not fit a parameter guard.",
    "2523": "`yield` cannot stand in a parameter's default.",
    "2524": "`await` cannot stand in a parameter's default.",
    "2526": "`this` as a type stands for the object itself, in classes and interfaces.",
    "2527": "The type of an exported thing uses a name that is not exported.",
    "2528": "A module has one default export.",
    "2531": (
        "With `strictNullChecks` null is a type of its own: a value that may be null has to be "
        "checked before it is used."
    ),
    "2532": (
        "With `strictNullChecks` undefined is a type of its own: a value that may be undefined has to "
        "be checked before it is used."
    ),
    "2533": "A value that may be null or undefined has to be checked before it is used.",
    "2534": "A function of type `never` must not end.",
    "2536": "The index is none of the type's keys.",
    "2537": "The type has no index signature for such a key.",
    "2538": "The type cannot be a key: keys are strings, numbers and symbols.",
    "2539": "The name is no variable, so it cannot be given a value.",
    "2540": "A `readonly` property is set when the object is made, and a getter without a setter never.",
    "2542": "The index signature is `readonly`.",
    "2545": "A mixin's constructor takes `...args: any[]`.",
    "2550": "The property is newer than the library that `lib` or `target` choose.",
    "2551": "A type lists what its values have; this name is close to one of them.",
    "2552": "A name has to be declared; this one is close to one that is.",
    "2553": "A computed name in an enum of texts is not allowed.",
    "2554": "A call has to give each parameter that is not optional, and no more than there are.",
    "2555": "A call has to give each parameter that is not optional.",
    "2556": "How many elements an array has is not known while compiling; a tuple says it.",
    "2558": "A function takes as many type arguments as it has type parameters without defaults.",
    "2559": (
        "All properties of the type are optional, so anything would fit. That nothing at all is "
        "shared is most likely a mistake."
    ),
    "2560": "The value shares no property with the type; calling it may be meant.",
    "2561": (
        "A literal may only have properties of the type that is wanted; this name is close to one of them."
    ),
    "2563": "The function is too large for the compiler to follow each way through it.",
    "2564": (
        "With `strictPropertyInitialization` each field has a value when the constructor ends, or "
        "says that it may be undefined."
    ),
    "2565": "A property is used before it is set.",
    "2566": "A rest element cannot have a name of its own.",
    "2567": "An enum is merged with enums and namespaces only.",
    "2568": "The property may be missing on a type that is still open.",
    "2570": "The name is not found; it is close to another one.",
    "2571": "`unknown` stands for any value. Before it is checked nothing can be done with it.",
    "2574": "A rest element has to be an array.",
    "2575": "No overload takes so many arguments, though some take more and some less.",
    "2576": "A static member is read from the class, not from an object of it.",
    "2578": "`@ts-expect-error` says that the next line is wrong; it is not.",
    "2580": "The global belongs to an environment whose types are not loaded.",
    "2581": "The global belongs to an environment whose types are not loaded.",
    "2582": "The global belongs to a test runner whose types are not loaded.",
    "2583": "The name is newer than the library that `lib` or `target` choose.",
    "2584": "The name belongs to browsers; `lib` does not include `dom`.",
    "2585": "The name is a type here, and a value only in a newer library than `lib` chooses.",
    "2588": "A `const` keeps its value. What it refers to can still be changed inside.",
    "2589": "A type leads to ever more types; the compiler gave up.",
    "2590": "A union has more members than the compiler can hold.",
    "2591": "The global belongs to an environment whose types are not loaded.",
    "2592": "The global belongs to an environment whose types are not loaded.",
    "2593": "The global belongs to a test runner whose types are not loaded.",
    "2595": "The name can only be imported as a default.",
    "2597": "The name can only be imported as a default.",
}
