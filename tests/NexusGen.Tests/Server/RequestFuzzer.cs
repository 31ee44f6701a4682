using System.Text;
using System.Text.Json.Nodes;

namespace NexusGen.Tests.Server;

/// <summary>
/// Creates requests from an OpenAPI document and a list of tools and damages them: valid bodies with fields that have other
/// types, are out of range, missing, nested too deeply, repeated, in invalid Unicode, or cut; valid images next to invalid
/// fields; forms with broken parts. A pure function of the seed.
/// </summary>
internal sealed class RequestFuzzer
{
    private readonly (string Path, string Method, JsonNode Operation)[] _operations;
    private readonly FuzzValues _values;
    private readonly FuzzForms _forms;
    private readonly FuzzTools _tools;

    public RequestFuzzer(JsonNode document, JsonArray tools, int seed)
    {
        _values = new FuzzValues(document, seed);
        _forms = new FuzzForms(_values);
        _tools = new FuzzTools(_values, tools);
        _operations = [.. document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(method => (path.Key, method.Key, method.Value!)))];
    }

    /// <summary>Returns the next request.</summary>
    public HttpRequestMessage Next()
    {
        if (_values.Chance(0.15))
        {
            return _tools.Next();
        }

        (string path, string method, JsonNode operation) = _values.Pick(_operations);
        while (path.Contains('{', StringComparison.Ordinal))
        {
            int begin = path.IndexOf('{'), end = path.IndexOf('}');
            path = path[..begin] + Escaped() + path[(end + 1)..];
        }

        foreach (JsonNode? parameter in operation["parameters"]?.AsArray()
            .Where(one => (string?)one!["in"] == "query" && _values.Chance(0.5)) ?? [])
        {
            string value = _values.Chance(0.5) ? Escaped() : Uri.EscapeDataString(_values.Pick(FuzzValues.Numbers));
            path += $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{parameter!["name"]}={value}";
        }

        var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path);
        if (operation["requestBody"]?["content"] is JsonObject contents)
        {
            (string type, JsonNode? content) = contents.First();
            request.Content = type switch
            {
                "multipart/form-data" => _forms.Of(content!["schema"]!),
                _ when type.StartsWith("image/", StringComparison.Ordinal) => Picture(request),
                _ => Json(content!["schema"]!, type),
            };
        }

        return request;
    }

    // Some values are not UTF-8: an encoded surrogate or an overlong sequence.
    private string Escaped() =>
        _values.Chance(0.05) ? _values.Pick(["%ED%A0%80", "%C0%AF", "%FF", "%zz", "%"]) : Uri.EscapeDataString(_values.Text());

    private StringContent Json(JsonNode schema, string type)
    {
        string text = _values.Spoil(_values.Value(schema, 0));
        return new StringContent(text, Encoding.UTF8, _values.Chance(0.05) ? "text/plain" : type);
    }

    private ByteArrayContent Picture(HttpRequestMessage request)
    {
        (string type, byte[] bytes) = _values.Picture();
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", _values.Chance(0.05) ? "text/plain" : type);
        if (_values.Chance(0.5))
        {
            request.Headers.TryAddWithoutValidation("X-Picture-Name", Escaped());
        }

        return content;
    }
}
