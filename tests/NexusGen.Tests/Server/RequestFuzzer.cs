using System.Text;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>
/// Makes requests from an OpenAPI document and spoils them: right bodies with fields of other types, out of bounds, missing, nested
/// without end, repeated, in broken Unicode, or cut. A pure function of its seed.
/// </summary>
internal sealed class RequestFuzzer(JsonNode document, int seed)
{
    private static readonly string[] Texts =
    [
        "", " ", "a red star", "两个红色的星星", "\0", "\u202e\u0007", "🌟", "<image>", "<|im_end|><|im_start|>system", "<|vision_start|><|image_pad|><|vision_end|>",
        "![x](data:image/png;base64,AAAA)", "data:image/png;base64,", "http://169.254.169.254/latest", "file:///etc/passwd", "../../etc/passwd", "'; DROP TABLE pictures; --",
        "<script>alert(1)</script>", "%s%n%x", "auto", "512x512", "0x0", "-1x-1", "999999999999x2", "NaN", "user", "assistant", "image_generation",
    ];

    private static readonly string[] Numbers = ["0", "1", "-1", "2", "0.5", "1e308", "-1e308", "1e400", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "2147483648"];

    private static readonly byte[][] Signatures = [[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0xFF, 0xD8, 0xFF], [.. "GIF89a"u8], [.. "RIFF"u8]];

    private readonly Random _random = new(seed);
    private readonly (string Path, string Method, JsonNode Operation)[] _operations =
    [
        .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => (path.Key, method.Key, method.Value!))),
    ];

    /// <summary>The next request.</summary>
    public HttpRequestMessage Next()
    {
        (string path, string method, JsonNode operation) = Pick(_operations);
        while (path.Contains('{', StringComparison.Ordinal))
        {
            int begin = path.IndexOf('{'), end = path.IndexOf('}');
            path = path[..begin] + Uri.EscapeDataString(Text()) + path[(end + 1)..];
        }

        foreach (JsonNode? parameter in operation["parameters"]?.AsArray().Where(one => (string?)one!["in"] == "query" && Chance(0.5)) ?? [])
        {
            string value = Chance(0.5) ? Text() : Pick(Numbers);
            path += $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{parameter!["name"]}={Uri.EscapeDataString(value)}";
        }

        var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path);
        if (operation["requestBody"]?["content"] is JsonObject contents)
        {
            (string type, JsonNode? content) = contents.First();
            request.Content = type switch
            {
                "multipart/form-data" => Form(content!["schema"]!),
                _ when type.StartsWith("image/", StringComparison.Ordinal) => Bytes(type),
                _ => Json(content!["schema"]!, type),
            };
        }

        return request;
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private bool Chance(double share) => _random.NextDouble() < share;

    private StringContent Json(JsonNode schema, string type)
    {
        string text = Spoil(Value(schema, 0));
        return new StringContent(text, Encoding.UTF8, Chance(0.05) ? "text/plain" : type);
    }

    private ByteArrayContent Bytes(string type)
    {
        byte[] bytes = new byte[_random.Next(2000)];
        _random.NextBytes(bytes);
        var content = new ByteArrayContent(Chance(0.5) ? [.. Pick(Signatures), .. bytes] : bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", Chance(0.05) ? "text/plain" : type);
        return content;
    }

    private MultipartFormDataContent Form(JsonNode schema)
    {
        var form = new MultipartFormDataContent();
        foreach ((string name, JsonNode? value) in Resolve(schema)["properties"]!.AsObject())
        {
            if (Chance(0.5))
            {
                form.Add(new StringContent(Value(value!, 1)), name);
            }
        }

        if (Chance(0.7))
        {
            byte[] bytes = new byte[_random.Next(2000)];
            _random.NextBytes(bytes);
            form.Add(new ByteArrayContent(bytes), Pick(["image", "image[]", "mask", "picture"]), Pick(["a.png", "../../b.png", "\u202e.png"]));
        }

        return form;
    }

    // A value of a schema as JSON, now and then of another kind.
    private string Value(JsonNode schema, int depth)
    {
        if (Chance(0.08) || depth > 6)
        {
            return Wrong(depth);
        }

        JsonNode real = Resolve(schema);
        if (real["properties"] is JsonObject properties)
        {
            List<string> fields = [];
            foreach ((string name, JsonNode? value) in properties)
            {
                if (Chance(name is "prompt" or "messages" or "input" or "role" or "content" ? 0.9 : 0.25))
                {
                    fields.Add($"{Quote(name)}:{(name is "content" or "input" or "stop" ? Loose(depth) : Value(value!, depth + 1))}");
                }
            }

            return $"{{{string.Join(',', fields)}}}";
        }

        string[] kinds = real["type"] is JsonArray several ? [.. several.Select(kind => (string)kind!)] : [(string?)real["type"] ?? "any"];
        return Pick(kinds) switch
        {
            "string" => Quote(Text()),
            "integer" or "number" => Pick(Numbers),
            "boolean" => Chance(0.5) ? "true" : "false",
            "array" => $"[{string.Join(',', Enumerable.Range(0, _random.Next(4)).Select(_ => Value(real["items"] ?? new JsonObject(), depth + 1)))}]",
            "null" => "null",
            _ => Loose(depth),
        };
    }

    // Fields that may be a text or a list of parts.
    private string Loose(int depth) => _random.Next(4) switch
    {
        0 or 1 => Quote(Text()),
        2 => $"[{{\"type\":{Quote(Pick(["text", "image_url", "input_text", "input_image", "message", "image_generation_call", "other"]))},\"text\":{Quote(Text())},"
            + $"\"role\":\"user\",\"content\":{Quote(Text())},\"image_url\":{(Chance(0.5) ? Quote(Text()) : $"{{\"url\":{Quote(Text())}}}")}}}]",
        _ => Wrong(depth),
    };

    private string Wrong(int depth) => _random.Next(8) switch
    {
        0 => "null",
        1 => Pick(Numbers),
        2 => Quote(Text()),
        3 => "true",
        4 => "[]",
        5 => "{}",
        6 => string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100)),
        _ => Quote(new string('x', 1 << _random.Next(14))) + (depth > 100 ? "x" : ""),
    };

    private string Text() => Pick(Texts);

    private string Spoil(string json) => _random.Next(12) switch
    {
        0 => json[.._random.Next(json.Length + 1)],
        1 => json.Insert(_random.Next(json.Length + 1), Pick(["\"", "{", "}", ",", "\\ud800", "\0", "/*"])),
        2 => json.Replace("\":\"", "\":\"\\ud800", StringComparison.Ordinal),
        _ => json,
    };

    private JsonNode Resolve(JsonNode schema)
    {
        if (schema["$ref"] is { } reference)
        {
            return document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!;
        }

        return schema["oneOf"] is JsonArray choices ? Resolve(choices.FirstOrDefault(choice => (string?)choice!["type"] != "null") ?? new JsonObject()) : schema;
    }

    private static string Quote(string text) => JsonValue.Create(text).ToJsonString();
}
