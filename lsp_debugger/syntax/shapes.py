"""What the node types of each grammar mean to us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Shape:
    """The node types of one grammar that we look at. Everything else is walked through.

    definitions: node type → function | class. bindings: nodes that name a value (variables, and
    functions where the value is one). wrappers: parents that belong to a definition's text.
    string_edges: children of a string that are not its content. bodied: types that define something
    only where they have a body; without one they mention it. owners: node type → the field that names
    whose members are inside of it (`impl T`) or that it is a member of (`func (t *T) M`). import_calls:
    methods whose call is an import, where the grammar knows no such statement.
    """

    definitions: Mapping[str, str]
    bindings: frozenset[str]
    functions: frozenset[str]  # values that make a binding a function
    wrappers: frozenset[str]
    imports: frozenset[str]
    identifiers: frozenset[str]
    strings: frozenset[str]
    string_edges: frozenset[str]
    bodied: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    import_calls: frozenset[str] = frozenset()


PYTHON = Shape(
    definitions={"function_definition": "function", "class_definition": "class"},
    bindings=frozenset({"assignment", "type_alias_statement"}),
    functions=frozenset({"lambda"}),
    wrappers=frozenset({"decorated_definition"}),
    imports=frozenset({"import_statement", "import_from_statement", "future_import_statement"}),
    identifiers=frozenset({"identifier"}),
    strings=frozenset({"string"}),
    string_edges=frozenset({"string_start", "string_end", "interpolation"}),
)

JAVASCRIPT = Shape(
    definitions={
        "function_declaration": "function",
        "generator_function_declaration": "function",
        "method_definition": "function",
        "class_declaration": "class",
        "abstract_class_declaration": "class",
        "interface_declaration": "class",
        "enum_declaration": "class",
        "type_alias_declaration": "class",
        "internal_module": "class",
    },
    bindings=frozenset(
        {
            "variable_declarator",
            "pair",
            "assignment_expression",
            "field_definition",
            "public_field_definition",
            "property_signature",
        }
    ),
    functions=frozenset({"arrow_function", "function_expression", "generator_function"}),
    wrappers=frozenset(
        {"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"}
    ),
    imports=frozenset({"import_statement"}),
    identifiers=frozenset(
        {
            "identifier",
            "property_identifier",
            "private_property_identifier",
            "shorthand_property_identifier",
            "shorthand_property_identifier_pattern",
            "type_identifier",
        }
    ),
    strings=frozenset({"string", "template_string"}),
    string_edges=frozenset({'"', "'", "`", "template_substitution"}),
)

RUST = Shape(
    definitions={
        "function_item": "function",
        "function_signature_item": "function",
        "struct_item": "class",
        "enum_item": "class",
        "union_item": "class",
        "trait_item": "class",
        "type_item": "class",
        "mod_item": "class",
        "macro_definition": "function",
    },
    bindings=frozenset({"field_declaration", "enum_variant", "const_item", "static_item"}),
    functions=frozenset(),
    wrappers=frozenset(),
    imports=frozenset({"use_declaration", "extern_crate_declaration"}),
    identifiers=frozenset(
        {"identifier", "type_identifier", "field_identifier", "shorthand_field_identifier"}
    ),
    strings=frozenset({"string_literal", "raw_string_literal"}),
    string_edges=frozenset({'"', 'b"', 'c"', "string_start", "string_end"}),
    owners={"impl_item": "type"},
)

GO = Shape(
    definitions={
        "function_declaration": "function",
        "method_declaration": "function",
        "method_elem": "function",
        "type_spec": "class",
        "type_alias": "class",
    },
    bindings=frozenset({"var_spec", "const_spec", "field_declaration"}),
    functions=frozenset({"func_literal"}),
    wrappers=frozenset({"type_declaration", "var_declaration", "const_declaration"}),
    imports=frozenset({"import_declaration"}),
    identifiers=frozenset({"identifier", "type_identifier", "field_identifier", "package_identifier"}),
    strings=frozenset({"interpreted_string_literal", "raw_string_literal"}),
    string_edges=frozenset({'"', "`"}),
    owners={"method_declaration": "receiver"},
)

C = Shape(
    definitions={
        "function_definition": "function",
        "struct_specifier": "class",
        "union_specifier": "class",
        "enum_specifier": "class",
        "type_definition": "class",
        "preproc_function_def": "function",
    },
    bindings=frozenset({"declaration", "field_declaration", "enumerator", "preproc_def"}),
    functions=frozenset(),
    wrappers=frozenset(),
    imports=frozenset({"preproc_include"}),
    identifiers=frozenset({"identifier", "type_identifier", "field_identifier"}),
    strings=frozenset({"string_literal"}),
    string_edges=frozenset({'"', 'L"', 'u"', 'U"', 'u8"'}),
    bodied=frozenset({"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"}),
)

CPP = replace(
    C,
    definitions={
        **C.definitions,
        "class_specifier": "class",
        "namespace_definition": "class",
        "alias_declaration": "class",
        "concept_definition": "class",
    },
    wrappers=frozenset({"template_declaration"}),
    imports=frozenset({"preproc_include", "using_declaration"}),
    identifiers=C.identifiers | {"namespace_identifier"},
    strings=frozenset({"string_literal", "raw_string_literal"}),
    string_edges=C.string_edges | {'R"', "raw_string_delimiter", "(", ")"},
)

SHELL = Shape(
    definitions={"function_definition": "function"},
    bindings=frozenset({"variable_assignment"}),
    functions=frozenset(),
    wrappers=frozenset({"declaration_command"}),
    imports=frozenset(),
    identifiers=frozenset({"variable_name", "word"}),
    strings=frozenset({"string", "raw_string", "ansi_c_string"}),
    string_edges=frozenset({'"', "simple_expansion", "expansion", "command_substitution"}),
)

JAVA = Shape(
    definitions={
        "method_declaration": "function",
        "constructor_declaration": "function",
        "compact_constructor_declaration": "function",
        "class_declaration": "class",
        "interface_declaration": "class",
        "enum_declaration": "class",
        "record_declaration": "class",
        "annotation_type_declaration": "class",
    },
    bindings=frozenset({"variable_declarator", "enum_constant"}),
    functions=frozenset({"lambda_expression"}),
    wrappers=frozenset(),
    imports=frozenset({"import_declaration"}),
    identifiers=frozenset({"identifier", "type_identifier"}),
    strings=frozenset({"string_literal"}),
    string_edges=frozenset({'"', '"""', "string_interpolation"}),
)

CSHARP = Shape(
    definitions={
        "method_declaration": "function",
        "constructor_declaration": "function",
        "destructor_declaration": "function",
        "local_function_statement": "function",
        "class_declaration": "class",
        "struct_declaration": "class",
        "interface_declaration": "class",
        "enum_declaration": "class",
        "record_declaration": "class",
        "delegate_declaration": "class",
        "namespace_declaration": "class",
    },
    bindings=frozenset({"variable_declarator", "property_declaration", "enum_member_declaration"}),
    functions=frozenset(),
    wrappers=frozenset(),
    imports=frozenset({"using_directive"}),
    identifiers=frozenset({"identifier"}),
    strings=frozenset(
        {"string_literal", "verbatim_string_literal", "raw_string_literal", "interpolated_string_expression"}
    ),
    string_edges=frozenset(
        {'"', "interpolation_start", "interpolation", "raw_string_start", "raw_string_end"}
    ),
)

RUBY = Shape(
    definitions={"method": "function", "singleton_method": "function", "class": "class", "module": "class"},
    bindings=frozenset({"assignment"}),
    functions=frozenset({"lambda"}),
    wrappers=frozenset(),
    imports=frozenset(),
    identifiers=frozenset(
        {"identifier", "constant", "instance_variable", "class_variable", "global_variable"}
    ),
    strings=frozenset({"string", "heredoc_content"}),
    string_edges=frozenset({'"', "interpolation"}),
    import_calls=frozenset({"require", "require_relative", "load", "autoload"}),
)

PHP = Shape(
    definitions={
        "function_definition": "function",
        "method_declaration": "function",
        "class_declaration": "class",
        "interface_declaration": "class",
        "trait_declaration": "class",
        "enum_declaration": "class",
        "namespace_definition": "class",
    },
    bindings=frozenset({"assignment_expression", "property_element", "enum_case"}),
    functions=frozenset({"anonymous_function", "arrow_function"}),
    wrappers=frozenset({"expression_statement"}),
    imports=frozenset(
        {
            "namespace_use_declaration",
            "require_expression",
            "require_once_expression",
            "include_expression",
            "include_once_expression",
        }
    ),
    identifiers=frozenset({"name"}),
    strings=frozenset({"string", "encapsed_string", "nowdoc_string"}),
    string_edges=frozenset({'"', "'", "variable_name", "member_access_expression", "subscript_expression"}),
    bodied=frozenset({"namespace_definition"}),
)
