using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Server.Scheduling;
using NexusGen.Weights.Files;

namespace NexusGen.Server.Http;

/// <summary>
/// Converts exceptions to errors in OpenAI's form. Messages, which may contain what a caller wrote, are not logged.
/// </summary>
internal sealed partial class ErrorTranslation(ILogger<ErrorTranslation> logger, IHostApplicationLifetime lifetime)
{
    /// <summary>The code of a conversation or prompt that is longer than the model can read.</summary>
    public const string ContextLengthExceeded = "context_length_exceeded";

    /// <summary>The code of a LoRA whose file is broken, or made for another model.</summary>
    public const string LoraUnusable = "lora_unusable";

    /// <summary>
    /// Converts an exception to the error that the client receives. Errors of the server itself are logged, with their type and
    /// stack trace only.
    /// </summary>
    /// <param name="e">The exception.</param>
    /// <param name="request">The id of the request, which the client receives too.</param>
    public ApiException Translate(Exception e, string request)
    {
        switch (e)
        {
            case ApiException api:
                return api;
            case QueueFullException full:
                return new ApiException(
                    StatusCodes.Status429TooManyRequests,
                    "The server is busy: its queue is full. Ask again later.",
                    "rate_limit_error",
                    code: "rate_limit_exceeded",
                    retryAfter: full.RetryAfter);
            case QueueClosedException:
            case OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested:
                return new ApiException(
                    StatusCodes.Status503ServiceUnavailable,
                    "The server is stopping.",
                    "server_error",
                    code: "server_stopping",
                    retryAfter: TimeSpan.FromSeconds(10));
            case OperationCanceledException:
                return new ApiException(
                    StatusCodes.Status504GatewayTimeout,
                    "The request waited, or was without progress, for longer than this server allows.",
                    "server_error",
                    code: "timeout");
            case ObjectDisposedException { ObjectName: var name } when name == typeof(NexusGenModel).FullName:
                // By the application, which owns the model.
                return new ApiException(
                    StatusCodes.Status503ServiceUnavailable, "The model was closed.", "server_error", code: "model_closed");
            case BadHttpRequestException bad:
                return new ApiException(bad.StatusCode, Sentence(bad), "invalid_request_error");
            case JsonException json:
                return ApiException.BadRequest(
                    $"The body is not the JSON that is expected here: see {json.Path ?? "its beginning"}, "
                    + $"line {(json.LineNumber ?? 0) + 1}.",
                    json.Path?.StartsWith("$.", StringComparison.Ordinal) == true ? json.Path[2..] : null);
            case InvalidOperationException when IsFromJson(e):
                // Raised when a value is used, for example by the library of the Model Context Protocol.
                return ApiException.BadRequest(
                    "The body holds a value that can't be read: text that is not valid Unicode, "
                    + "or of another kind than is expected.");
            case LoraException lora:
                // The client chose the file, and no other attempt helps: not an error of the server, which clients would repeat.
                return ApiException.BadRequest(lora.MessageWithoutFolder, code: LoraUnusable);
            case WeightFileException:
                break;
            case ContextLengthException:
                // Conversations were checked before; this is the text of an image.
                return ApiException.BadRequest(e.Message, "prompt", ContextLengthExceeded);
            case NexusGenException:
                return ApiException.BadRequest(e.Message);
        }

        Failed(logger, request, e.GetType().FullName, e.StackTrace);
        return new ApiException(
            StatusCodes.Status500InternalServerError,
            "Something went wrong in the server.",
            "server_error",
            code: "internal_error");
    }

    private static bool IsFromJson(Exception e) =>
        e.Source?.StartsWith(typeof(JsonElement).Assembly.GetName().Name!, StringComparison.Ordinal) == true;

    private static string Sentence(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => "The request is larger than this server takes.",
        StatusCodes.Status415UnsupportedMediaType => "The request's Content-Type is not the one that is expected here.",
        StatusCodes.Status408RequestTimeout => "The request came too slowly.",
        _ => "The request is malformed.",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "The request {Request} failed by {Kind}\n{Place}")]
    private static partial void Failed(ILogger logger, string request, string? kind, string? place);
}
