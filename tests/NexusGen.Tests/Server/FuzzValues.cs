using System.Text.Json.Nodes;
using NexusGen.Imaging;

namespace NexusGen.Tests.Server;

/// <summary>
/// The values of malformed requests: texts, numbers, images and values of a schema, sometimes of another type. A pure function of
/// the seed.
/// </summary>
internal sealed class FuzzValues(JsonNode document, int seed)
{
    private static readonly string[] Texts =
    [
        "", " ", "a red star", "两个红色的星星", "\0", "\u202e\u0007", "🌟", "<image>", "<|im_end|><|im_start|>system",
        "<|vision_start|><|image_pad|><|vision_end|>", "![x](data:image/png;base64,AAAA)", "data:image/png;base64,",
        "http://169.254.169.254/latest", "file:///etc/passwd", "../../etc/passwd", "'; DROP TABLE pictures; --",
        "<script>alert(1)</script>", "%s%n%x", "auto", "512x512", "0x0", "-1x-1", "999999999999x2", "NaN", "user", "assistant",
        "image_generation",
    ];

    private static readonly byte[][] Signatures =
    [
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0xFF, 0xD8, 0xFF], [.. "GIF89a"u8], [.. "RIFF"u8]
    ];

    // Valid images, so that other errors of a request are found.
    private static readonly (string Type, byte[] Bytes)[] Pictures =
    [
        Right("image/png", ImageFormat.Png), Right("image/jpeg", ImageFormat.Jpeg), Right("image/webp", ImageFormat.WebP)
    ];

    private readonly Random _random = new(seed);

    public static string[] Numbers { get; } =
        [
            "0", "1", "-1", "2", "0.5", "1e308", "-1e308", "1e400", "9223372036854775807", "-9223372036854775808",
            "18446744073709551616", "2147483648"
        ];

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public bool Chance(double share) => _random.NextDouble() < share;

    public int Below(int most) => _random.Next(most);

    /// <summary>Returns a text, or sometimes a valid image as a data URL.</summary>
    public string Text()
    {
        if (!Chance(0.05))
        {
            return Pick(Texts);
        }

        (string type, byte[] bytes) = Pick(Pictures);
        return $"data:{type};base64,{Convert.ToBase64String(bytes)}";
    }

    /// <summary>Returns an image file: valid, damaged, or random bytes.</summary>
    public (string Type, byte[] Bytes) Picture()
    {
        (string type, byte[] right) = Pick(Pictures);
        byte[] bytes = [.. right];
        switch (_random.Next(6))
        {
            case 0:
                return (type, bytes[.._random.Next(bytes.Length)]);
            case 1:
                for (int i = 0; i < 4; i++)
                {
                    bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                }

                return (type, bytes);
            case 2:
                byte[] noise = new byte[_random.Next(2000)];
                _random.NextBytes(noise);
                return (type, Chance(0.5) ? [.. Pick(Signatures), .. noise] : noise);
            default:
                return (type, bytes);
        }
    }

    /// <summary>Returns a value of a schema as JSON, sometimes of another type.</summary>
    public string Value(JsonNode schema, int depth)
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
                if (Chance(name
                    is "prompt" or "messages" or "input" or "role" or "content" or "picture" or "first" or "second"
                    or "instruction" ? 0.9 : 0.25))
                {
                    fields.Add(
                        $"{Quote(name)}:{(name is "content" or "input" or "stop" ? Loose(depth) : Value(value!, depth + 1))}");
                }
            }

            // An unknown field whose name is not valid Unicode.
            if (Chance(0.02))
            {
                fields.Insert(_random.Next(fields.Count + 1), $"\"{Surrogate()}\":{Wrong(depth)}");
            }

            return $"{{{string.Join(',', fields)}}}";
        }

        string[] kinds = real["type"] is JsonArray several
            ? [.. several.Select(kind => (string)kind!)]
            : [(string?)real["type"] ?? "any"];
        return Pick(kinds) switch
        {
            "string" => Chance(0.01) ? $"\"{Surrogate()}\"" : Quote(Text()),
            "integer" or "number" => Pick(Numbers),
            "boolean" => Chance(0.5) ? "true" : "false",
            "array" =>
                $"[{string.Join(',', Enumerable.Range(0, _random.Next(4)).Select(_ =>
                    Value(real["items"] ?? new JsonObject(), depth + 1)))}]",
            "null" => "null",
            _ => Loose(depth),
        };
    }

    /// <summary>
    /// Returns JSON that is cut, contains a character that breaks it, or has invalid Unicode; most of the time it is unchanged.
    /// </summary>
    public string Spoil(string json) => _random.Next(14) switch
    {
        0 => json[.._random.Next(json.Length + 1)],
        1 => json.Insert(_random.Next(json.Length + 1), Pick(["\"", "{", "}", ",", "\\ud800", "\0", "/*"])),
        2 => json.Replace("\":\"", $"\":\"{Surrogate()}", StringComparison.Ordinal),

        // Only the name of one field.
        3 when json.LastIndexOf("\":", StringComparison.Ordinal) is >= 0 and var end => json.Insert(end, Surrogate()),
        _ => json,
    };

    /// <summary>Returns the schema that a reference points to.</summary>
    public JsonNode Resolve(JsonNode schema)
    {
        if (schema["$ref"] is { } reference)
        {
            return document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!;
        }

        return schema["oneOf"] is JsonArray choices
            ? Resolve(choices.FirstOrDefault(choice => (string?)choice!["type"] != "null") ?? new JsonObject())
            : schema;
    }

    public static string Quote(string text) => JsonValue.Create(text).ToJsonString();

    private static (string Type, byte[] Bytes) Right(string type, ImageFormat format) =>
        (type, ImageFile.Encode(RgbImage.FromBytes(new byte[20 * 12 * 3], 20, 12), format));

    // Unpaired surrogates, as JSON escapes them.
    private string Surrogate() => Pick(["\\ud800", "\\udfff", "x\\ud83d", "\\ude00\\ud83d", "\\ud800\\ud800"]);

    // Fields that may be a text or a list of parts.
    private string Loose(int depth) => _random.Next(4) switch
    {
        0 or 1 => Quote(Text()),
        2 =>
            $"[{{\"type\":{Quote(Pick(
                ["text", "image_url", "input_text", "input_image", "message", "image_generation_call", "other"]))},"
            + $"\"text\":{Quote(Text())},\"role\":\"user\",\"content\":{Quote(Text())},"
            + $"\"image_url\":{(Chance(0.5) ? Quote(Text()) : $"{{\"url\":{Quote(Text())}}}")}}}]",
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
}
