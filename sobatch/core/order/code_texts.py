"""What the problem codes of the text itself (SO-0xx) mean, as rows of plain text; `codes` makes its table of them.

Longer than a module should be, because it is one table and nobody reads it from top to bottom.
All of these are errors: a text that is not sound JSON cannot be sent.
Columns: code, title, rule, meaning, example, fix.
"""

from __future__ import annotations

Row = tuple[str, str, str, str, str, str]

INPUT_ROWS: tuple[Row, ...] = (
    (
        "SO-010", "Empty input", "Limits & Notes: the file must be a valid JSON array",
        "The input holds nothing, or nothing but white space. Usually an export that failed, or a wrong path.",
        "", '[{"customerId": "1000", …}]',
    ),
    (
        "SO-011", "Not an array", "Limits & Notes: the file must be a valid JSON array",
        "The text is a single value. Orders come as one JSON array, or one object per line (NDJSON).",
        '"orders"', '[{"customerId": "1000", …}]',
    ),
    (
        "SO-012", "Empty array", "sobatch",
        "The array holds no order, so there is nothing to check or send.",
        "[]", '[{"customerId": "1000", …}]',
    ),
    (
        "SO-013", "UTF-16 or UTF-32 text", "RFC 8259 section 8.1",
        "JSON that travels between systems is UTF-8. This text has two or four bytes for every character, as some "
        "editors and shells write it.",
        'FF FE 5B 00 7B 00 …', "iconv -f UTF-16 -t UTF-8 in.json > out.json",
    ),
    (
        "SO-014", "Byte order mark", "RFC 8259 section 8.1",
        "The bytes EF BB BF stand before the text, or in its middle where files were joined. JSON must not begin so.",
        "EF BB BF 5B …", "tail -c +4 in.json > out.json",
    ),
    (
        "SO-015", "Not UTF-8", "RFC 8259 section 8.1",
        "A byte does not belong to any UTF-8 character. Most often the file was written in Windows-1252 or Latin-1.",
        '{"notes": "caf<E9>"}', "iconv -f WINDOWS-1252 -t UTF-8 in.json > out.json",
    ),
    (
        "SO-016", "NUL byte", "RFC 8259 section 7",
        "A byte with the value 0 stands in the text. It comes from damaged disks, cut transfers and padded records.",
        '{"notes": "a<00>b"}', "tr -d '\\000' < in.json > out.json",
    ),
    (
        "SO-017", "Compressed input is cut", "RFC 1952",
        "The gzip or zstd data ends before its own end mark: the transfer or the writing of it was interrupted.",
        "orders.json.gz, half of it", "gzip -t orders.json.gz    # then fetch the file again",
    ),
    (
        "SO-018", "Compressed input expands too far", "sobatch",
        "The data grows beyond all proportion when it is decompressed, as harmful archives do. Reading was stopped.",
        "1 MB that becomes 100 GB", "Decompress it yourself and look at it before you go on.",
    ),
    (
        "SO-019", "Compressed input is damaged", "RFC 1952",
        "The gzip or zstd data contradicts its own checksum or structure.",
        "orders.json.gz, one byte changed", "gzip -t orders.json.gz    # then fetch the file again",
    ),
    (
        "SO-020", "Order too large", "sobatch",
        "A single order is larger than the cap that keeps the memory flat. Usually a bracket or quotation mark is "
        "missing, so that many orders look like one.",
        '[{"notes": "… 20 MB …"}]', "Look for a missing } or \", or raise the cap.",
    ),
    (
        "SO-021", "File changed while it was read", "sobatch",
        "Size or time of the file changed between two readings, so its counts and places cannot be trusted.",
        "an export still running", "Wait until the file is complete, then run the same command again.",
    ),
    (
        "SO-030", "Broken JSON", "RFC 8259 section 2",
        "A character stands where JSON has no place for it.",
        '[{"price": *}]', '[{"price": 1}]',
    ),
    (
        "SO-031", "Trailing comma", "RFC 8259 sections 4 and 5",
        "After the last member, element or order comes a comma. JavaScript and Python forgive it, JSON does not.",
        '[{"price": 1,}]', '[{"price": 1}]',
    ),
    (
        "SO-032", "Missing comma", "RFC 8259 sections 4 and 5",
        "Two members, elements or orders follow each other with no comma between them, or with a semicolon.",
        '[{"price": 1 "quantity": 2}]', '[{"price": 1, "quantity": 2}]',
    ),
    (
        "SO-033", "Single quotes", "RFC 8259 section 7",
        "Text stands in single quotes or backticks, as a printed Python or JavaScript value shows it.",
        "[{'customerId': '1000'}]", '[{"customerId": "1000"}]',
    ),
    (
        "SO-034", "Comment", "RFC 8259 section 2",
        "JSON has no comments, neither // nor /* */ nor #.",
        '[{"price": 1 // net\n}]', '[{"price": 1}]',
    ),
    (
        "SO-035", "NaN or Infinity", "RFC 8259 section 6",
        "JSON has no word for results that are not numbers. They come from divisions by zero and empty cells.",
        '[{"price": NaN}]', '[{"price": null}]',
    ),
    (
        "SO-036", "Text after the end", "RFC 8259 section 2",
        "The array is complete, yet more follows: files joined end to end, or leftovers of an older, longer file.",
        '[{"price": 1}][{"price": 2}]', '[{"price": 1}, {"price": 2}]',
    ),
    (
        "SO-037", "Control character in a text", "RFC 8259 section 7",
        "A line break, tab or other control character stands raw inside quotation marks.",
        '[{"notes": "two\nlines"}]', '[{"notes": "two\\nlines"}]',
    ),
    (
        "SO-038", "Cut file", "RFC 8259 section 2",
        "The text ends before everything that was opened is closed. The export or the transfer was interrupted.",
        '[{"price": 1}, {"pri', "Export or fetch the file again.",
    ),
    (
        "SO-039", "Bad escape", "RFC 8259 section 7",
        "After a backslash comes a character that forms no escape. Often a Windows path or a pattern.",
        r'[{"notes": "C:\files\q1"}]', r'[{"notes": "C:\\files\\q1"}]',
    ),
    (
        "SO-040", "Bad number", "RFC 8259 section 6",
        "JSON numbers are plain decimals with a point: no leading zeros or plus, no separators for thousands, no unit.",
        '[{"price": 1,50}]', '[{"price": 1.50}]',
    ),
    (
        "SO-041", "Unknown word", "RFC 8259 section 3",
        "Only true, false and null stand bare, in small letters. Any other word is text and needs quotation marks.",
        '[{"isBilledAtProject": True}]', '[{"isBilledAtProject": true}]',
    ),
    (
        "SO-042", "Name without quotation marks", "RFC 8259 section 4",
        "The names of members stand in double quotes, always.",
        '[{price: 1}]', '[{"price": 1}]',
    ),
    (
        "SO-043", "Half a character", "RFC 8259 section 8.2",
        "An escape between \\ud800 and \\udfff is half of a pair; alone it is no character. Texts cut at a fixed "
        "length end so.",
        r'[{"notes": "\ud83d"}]', r'[{"notes": "\ud83d\ude00"}]',
    ),
    (
        "SO-044", "Missing colon", "RFC 8259 section 4",
        "Between the name of a member and its value stands a colon.",
        '[{"price" 1}]', '[{"price": 1}]',
    ),
    (
        "SO-045", "Nested too deeply", "sobatch",
        "Objects and arrays stand inside each other more deeply than any order does; such texts serve to harm readers.",
        "[" * 9 + " … " + "]" * 9, '[{"customerId": "1000", …}]',
    ),
    (
        "SO-046", "Wrong closing bracket", "RFC 8259 sections 4 and 5",
        "A bracket closes what another kind opened, or nothing is open: one was lost or is one too many.",
        '[{"price": 1]', '[{"price": 1}]',
    ),
    (
        "SO-047", "Comma too many", "RFC 8259 sections 4 and 5",
        "Two commas follow each other, or one comes before the first value.",
        '[{"price": 1,, "quantity": 2}]', '[{"price": 1, "quantity": 2}]',
    ),
    (
        "SO-048", "Number too large", "RFC 8259 section 6",
        "Valid JSON, but beyond what a double can hold (about 1.8e308), so no receiver would read it right.",
        '[{"price": 1e400}]', '[{"price": 1e4}]',
    ),
    (
        "SO-049", "Typographic quotation marks", "RFC 8259 section 7",
        "Word processors turn the straight quotation mark into curly ones. JSON only knows the straight one.",
        '[{\u201cprice\u201d: 1}]', '[{"price": 1}]',
    ),
    (
        "SO-050", "Not JSON at all", "Limits & Notes: the file must be a valid JSON array",
        "The text looks like another format: a table (CSV), XML, an HTML page, YAML, a workbook.",
        "customerId;price\n1000;1", '[{"customerId": "1000", "price": 1}]',
    ),
    (
        "SO-051", "Quotation mark lost or too many", "RFC 8259 section 7",
        "A text lacks one of its quotation marks, or has one inside that is not escaped.",
        '[{"notes": "3" pipe"}]', r'[{"notes": "3\" pipe"}]',
    ),
    (
        "SO-052", "Incomplete member", "RFC 8259 section 4",
        "Inside an object, and only there, everything is a name, a colon and a value. One of them is missing here.",
        '[{"price": }]', '[{"price": null}]',
    ),
)  # fmt: skip
