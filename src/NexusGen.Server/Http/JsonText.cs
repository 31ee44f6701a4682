using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace NexusGen.Server.Http;

/// <summary>
/// Writes JSON with only the escapes that JSON requires: Chinese text and quotation marks stay readable. .NET's default also
/// escapes what would be unsafe inside HTML; these responses are never part of a page and are marked as JSON (nosniff).
/// </summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Serializes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is serialized.</param>
    public static ReadOnlyMemory<byte> Serialize<T>(T value, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Sends a value as the response.</summary>
    /// <param name="context">The request.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is serialized.</param>
    /// <param name="cancellationToken">Cancels sending.</param>
    public static Task SendAsync<T>(
        HttpContext context, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default) =>
        SendAsync(context, Serialize(value, type), cancellationToken);

    /// <summary>Sends JSON as the response.</summary>
    /// <param name="context">The request.</param>
    /// <param name="json">The JSON.</param>
    /// <param name="cancellationToken">Cancels sending.</param>
    public static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json, CancellationToken cancellationToken = default)
    {
        HttpResponse response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body.WriteAsync(json, cancellationToken).AsTask();
    }
}
