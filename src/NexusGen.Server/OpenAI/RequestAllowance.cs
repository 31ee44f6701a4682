using NexusGen.Server.Http;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// What a request may still bring. It is asked before a picture is fetched or decoded: a small file may hold many pixels, and
/// what is refused must cost nothing.
/// </summary>
/// <param name="limits">The bounds.</param>
/// <param name="field">The request's field, for messages.</param>
internal sealed class RequestAllowance(Limits limits, string field)
{
    private int _pictures;

    /// <summary>One more picture.</summary>
    /// <exception cref="ApiException">It is one too many.</exception>
    public void TakePicture() => limits.Pictures(++_pictures, field);
}
