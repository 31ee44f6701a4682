using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Http;

/// <summary>
/// Answers a failed request with an error, and gives each request an id, by which an error that a client saw is found in the log.
/// </summary>
internal sealed class ErrorHandling(RequestDelegate next, ErrorTranslation errors, RefusalPace pace)
{
    /// <summary>The header with the id of the request, which OpenAI's clients read.</summary>
    public const string RequestIdHeader = "X-Request-Id";

    private const int ClientLeft = 499;

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
            return Task.CompletedTask;
        });
        try
        {
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && Unmatched(context) is { } sentence)
            {
                var error = new ApiException(context.Response.StatusCode, sentence, "invalid_request_error");
                await WriteAsync(context, error).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            if (context.RequestAborted.IsCancellationRequested)
            {
                if (!context.Response.HasStarted)
                {
                    context.Response.StatusCode = ClientLeft;
                }

                return;
            }

            ApiException told = errors.Translate(e, context.TraceIdentifier);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            if (told.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status401Unauthorized)
            {
                try
                {
                    await pace.WaitAsync($"{context.Connection.RemoteIpAddress}", context.RequestAborted).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    context.Response.StatusCode = ClientLeft;
                    return;
                }
            }

            await WriteAsync(context, told).ConfigureAwait(false);
        }
    }

    /// <summary>Writes an error as the response.</summary>
    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        // Part of the error, unlike other headers: what the address or the server takes instead.
        IHeaderDictionary headers = context.Response.Headers;
        (StringValues allow, StringValues codings) = (headers.Allow, headers.AcceptEncoding);
        context.Response.Clear();
        (headers.Allow, headers.AcceptEncoding) = (allow, codings);
        context.Response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return JsonText.SendAsync(context, new ErrorBody(error.Details), ErrorJson.Default.ErrorBody);
    }

    // Responses of routing itself have no body yet.
    private static string? Unmatched(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest => "A part of the address is not of the kind that is expected there, such as a number.",
        StatusCodes.Status404NotFound => $"There is no {context.Request.Method} of that address here.",
        StatusCodes.Status405MethodNotAllowed => $"That address takes no {context.Request.Method}.",
        StatusCodes.Status415UnsupportedMediaType => "The request's Content-Type is not the one that is expected here.",
        _ => null,
    };
}
