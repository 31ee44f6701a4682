using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// A request of the Responses API in a form that can be stored: it refers to nothing that is kept for a while only.
/// </summary>
/// <param name="Request">The request without its input.</param>
/// <param name="Start">The response at the start.</param>
/// <param name="Messages">The whole conversation.</param>
internal sealed record SavedResponse(ResponsesRequest Request, ResponseBody Start, IReadOnlyList<SavedMessage> Messages)
{
    /// <summary>Writes a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="seed">Its seed, which may have been drawn.</param>
    /// <param name="start">The response at the start.</param>
    /// <param name="messages">The whole conversation.</param>
    public static byte[] Write(
        ResponsesRequest request, ulong seed, ResponseBody start, IReadOnlyList<RequestMessage> messages)
    {
        ResponsesRequest alone = request with
        {
            Input = null,
            PreviousResponseId = null,
            Picture = (request.Picture ?? new()) with { Seed = checked((long)seed) },
        };
        var saved = new SavedResponse(alone, start, [.. messages.Select(message => message.Save())]);
        return JsonText.Serialize(saved, ApiJson.Default.SavedResponse).ToArray();
    }

    /// <summary>Writes an item of a response.</summary>
    public static byte[] Write(RequestMessage item) =>
        JsonText.Serialize(item.Save(), ApiJson.Default.SavedMessage).ToArray();
}
