using System.Net;

namespace NexusGen.Hub.Http;

/// <summary>A failure after which an attempt is worth while later.</summary>
internal sealed class PassingFailure(string message, TimeSpan? retryAfter = null) : Exception(message)
{
    /// <summary>Gets the time that the host asks to wait, or null.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Throws if the status of a response is one that passes.</summary>
    public static void ThrowIf(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || status >= 500)
        {
            TimeSpan? wait = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - DateTimeOffset.UtcNow;
            throw new PassingFailure(
                $"it answers {status} {response.ReasonPhrase}".TrimEnd(), wait >= TimeSpan.Zero ? wait : null);
        }
    }
}
