using NexusGen.Autoregressive;
using NexusGen.Requests;
using NexusGen.Server.Images;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>Writes a reply as a chat completion, complete or in chunks.</summary>
/// <param name="model">The name of the model.</param>
/// <param name="markdown">true for images in the text, false for images in a separate field.</param>
/// <param name="includeUsage">true if the last chunk has the number of tokens.</param>
/// <param name="seed">The seed of the reply.</param>
internal sealed class ChatWriter(string model, bool markdown, bool includeUsage, ulong seed)
{
    private const string Chunk = "chat.completion.chunk";

    private readonly string _id = ShortTermStore<object>.NewId("chatcmpl-");
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private bool _begun;
    private int _images;

    /// <summary>Returns the text or image of an update, or null if it has neither.</summary>
    public ChatMessageBody? Piece(ReplyUpdate update)
    {
        switch (update)
        {
            case ReplyUpdate.TextDelta text:
                return new ChatMessageBody { Content = text.Text };
            case ReplyUpdate.ImageFinished { Image: var image }:
                _images++;
                string url = ImageFileFormat.Png.DataUrl(image.Image);
                return markdown
                    ? new ChatMessageBody { Content = $"![picture {_images}{Resized(image)}]({url})" }
                    : new ChatMessageBody { Images = [new ImagePart { ImageUrl = new ImageUrl { Url = url } }] };
            default:
                return null;
        }
    }

    private static string Resized(OutputImage image) =>
        ImageEventWriter.GeneratedSize(image) is { } size ? $", resized from {size}" : "";

    /// <summary>Returns the complete response.</summary>
    /// <param name="message">The message.</param>
    /// <param name="reply">The reply.</param>
    public ChatResponse Complete(ChatMessageBody message, Reply reply) =>
        Response("chat.completion", new ChatChoice { Message = message, FinishReason = Finish(reply) }) with
        {
            Usage = Usage(reply),
        };

    /// <summary>Returns the chunks of an update.</summary>
    public IEnumerable<ChatResponse> Chunks(ReplyUpdate update)
    {
        if (!_begun)
        {
            _begun = true;
            yield return Delta(new ChatMessageBody { Role = "assistant", Content = "" });
        }

        if (Piece(update) is { } piece)
        {
            yield return Delta(piece);
        }
        else if (update is ReplyUpdate.Denoising step)
        {
            yield return Progress(new PictureProgress(step.Index, step.Step, step.Steps, null));
        }
        else if (update is ReplyUpdate.Preview preview)
        {
            string url = ImageFileFormat.Png.DataUrl(preview.Image);
            yield return Progress(new PictureProgress(preview.Index, preview.Step, null, url));
        }
        else if (update is ReplyUpdate.Finished { Reply: var reply })
        {
            yield return Delta(new ChatMessageBody(), Finish(reply));
            if (includeUsage)
            {
                yield return Response(Chunk) with { Usage = Usage(reply) };
            }
        }
    }

    private static string Finish(Reply reply) => reply.Finish == FinishReason.Length ? "length" : "stop";

    private static ChatUsage Usage(Reply reply) =>
        new(reply.PromptTokenCount, reply.TokenIds.Count, reply.PromptTokenCount + reply.TokenIds.Count);

    private ChatResponse Response(string kind, params ChatChoice[] choices) =>
        new(_id, kind, _created, model, choices) { Seed = seed };

    private ChatResponse Delta(ChatMessageBody delta, string? finish = null) =>
        Response(Chunk, new ChatChoice { Delta = delta, FinishReason = finish });

    private ChatResponse Progress(PictureProgress progress) => Delta(new ChatMessageBody()) with { Progress = progress };
}
