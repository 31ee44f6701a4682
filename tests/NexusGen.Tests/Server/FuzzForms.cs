using System.Text;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>Forms, valid and broken, written by hand, because the framework's own forms are never malformed.</summary>
/// <param name="values">Creates the values of the forms.</param>
internal sealed class FuzzForms(FuzzValues values)
{
    private const string Boundary = "----fuzz";

    private static readonly string[] FileNames = ["a.png", "../../b.png", "\u202e.png", "", "a\"b.png", new string('n', 3000)];

    /// <summary>
    /// Returns a form with the fields of a schema. Half of the forms have a valid prompt and image, so that the other fields are
    /// checked.
    /// </summary>
    public ByteArrayContent Of(JsonNode schema)
    {
        using var body = new MemoryStream();
        bool right = values.Chance(0.5);
        if (right)
        {
            Part(body, "prompt", null, "text/plain", "make it blue"u8);
            Picture(body, "image");
        }

        foreach ((string name, JsonNode? value) in values.Resolve(schema["allOf"]?[0] ?? schema)["properties"]!.AsObject())
        {
            if (name is not ("image" or "mask") && values.Chance(right ? 0.2 : 0.5))
            {
                Field(body, name, value!);
            }
        }

        if (!right && values.Chance(0.8))
        {
            Picture(body, values.Pick(["image", "image", "image[]", "mask", "picture", ""]));
        }

        Write(body, $"--{Boundary}--\r\n");
        var content = new ByteArrayContent(Spoil(body.ToArray()));
        content.Headers.TryAddWithoutValidation(
            "Content-Type",
            values.Chance(0.9) ? $"multipart/form-data; boundary={Boundary}" : values.Pick(
            [
                "multipart/form-data", "multipart/form-data; boundary=",
                $"multipart/form-data; boundary=\"{new string('b', 200)}\"", "multipart/form-data; boundary=other",
                "multipart/mixed; boundary=" + Boundary, "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded; charset=utf-16", "text/plain", "multipart/form-data; boundary=\"",
            ]));
        return content;
    }

    private void Field(MemoryStream body, string name, JsonNode schema)
    {
        string value = values.Value(schema, 1);

        // In a form, text is not quoted; quoted text is different text.
        value = value.Length > 1 && value[0] == '"' && values.Chance(0.8) ? value[1..^1] : value;
        byte[] bytes = values.Chance(0.05)
            ? [.. Encoding.UTF8.GetBytes(value), 0xFF, 0xC0, 0xED, 0xA0, 0x80]
            : Encoding.UTF8.GetBytes(value);
        Part(
            body,
            name,
            null,
            values.Chance(0.9) ? null : values.Pick(
            [
                "text/plain; charset=utf-16", "text/plain; charset=utf-7", "text/plain; charset=nonsense", "application/json",
                "", ";;"
            ]),
            bytes);
    }

    private void Picture(MemoryStream body, string name)
    {
        (string type, byte[] bytes) = values.Picture();
        Part(body, name, values.Pick(FileNames), values.Chance(0.9) ? type : "nonsense", bytes);
    }

    private static void Part(MemoryStream body, string name, string? file, string? type, ReadOnlySpan<byte> bytes)
    {
        Write(
            body,
            $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{(file is null ? "" : $"; filename=\"{file}\"")}\r\n"
            + $"{(type is null ? "" : $"Content-Type: {type}\r\n")}\r\n");
        body.Write(bytes);
        Write(body, "\r\n");
    }

    private byte[] Spoil(byte[] body)
    {
        int at = values.Below(body.Length + 1);
        return values.Below(16) switch
        {
            0 => body[..at],
            1 => [.. body[..at], .. "\r\n"u8, .. body[at..]],
            2 => [.. body[..at], 0, 0xFF, .. body[at..]],
            3 => Replaced(body, "\r\n", values.Pick(["\n", "\r", "\r\n\r\n"])),
            4 => Replaced(
                body,
                "form-data",
                values.Pick(
                    ["attachment", "", "form-data; name=\"twice\"", "form-data; name*=utf-8''%ED%A0%80", "form-data;;;=", "\""])),
            5 => Replaced(
                body,
                "name=\"",
                values.Pick(
                    ["name=", "name=\"\uFFFE", "noname=\"", "name=\"prompt\"; name=\"", $"name=\"{new string('k', 5000)}"])),
            6 => Replaced(
                body,
                "Content-Disposition:",
                values.Pick(
                [
                    "Content-Disposition", ":", $"X: {new string('h', 20_000)}\r\nContent-Disposition:",
                    "Content-Transfer-Encoding: base64\r\nContent-Disposition:"
                ])),
            7 => Replaced(body, Boundary, Boundary + values.Pick(["x", " ", "--", "\0"])),
            8 =>
            [
                .. Enumerable.Repeat(
                    Encoding.Latin1.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n"),
                    1500).SelectMany(part => part),
                .. body
            ],
            9 => [],
            _ => body,
        };
    }

    // Works on bytes, so that bytes that are not text are preserved.
    private static byte[] Replaced(byte[] body, string old, string by) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(body)
            .Replace(old, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(by)), StringComparison.Ordinal));

    private static void Write(MemoryStream body, string text) => body.Write(Encoding.UTF8.GetBytes(text));
}
