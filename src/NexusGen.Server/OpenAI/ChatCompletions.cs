using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using NexusGen.Extensions.AI;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>POST /v1/chat/completions: the next message of a conversation, whole or in pieces, with the pictures that it draws.</summary>
internal sealed class ChatCompletions(ModelGateway gateway, ChatMessages messages, PictureReader reader, Limits limits, ErrorTranslation errors)
{
    private readonly NexusGenChatClient _client = new(gateway.Model);

    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ChatRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ChatRequest).ConfigureAwait(false);
        limits.Model(request.Model);
        Limits.InRange(request.N, 1, 1, "n");
        bool markdown = request.Picture?.Form switch
        {
            null or "markdown" => true,
            "images" => false,
            _ => throw ApiException.BadRequest("picture.form must be markdown or images.", "picture.form"),
        };
        var pictures = new RequestPictures(reader, limits, "messages");
        List<ChatMessage> conversation = messages.Read(request.Messages, pictures);
        var reply = new Writing(request, ShortTermStore<object>.NewId("chatcmpl-"), limits.ModelId, markdown);
        ChatOptions options = Options(request);
        using ModelGateway.Work work = await gateway.BeginAsync(context, "chat").ConfigureAwait(false);
        await pictures.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        IAsyncEnumerable<ChatResponseUpdate> updates = _client.GetStreamingResponseAsync(conversation, options, work.Cancellation);
        await (request.Stream == true ? StreamAsync(context, reply, updates, work) : AnswerAsync(context, reply, updates, work)).ConfigureAwait(false);
    }

    private ChatOptions Options(ChatRequest request)
    {
        AdditionalPropertiesDictionary properties = PictureSettingsOf.Properties(request.Picture, limits);
        if (Limits.InRange(request.RepetitionPenalty, 0.1, 10, "repetition_penalty") is { } penalty)
        {
            properties[NexusGenProperties.RepetitionPenalty] = penalty;
        }

        return new ChatOptions
        {
            Temperature = (float?)Limits.InRange(request.Temperature, 0, 2, "temperature"),
            TopP = (float?)Limits.InRange(request.TopP, 0, 1, "top_p"),
            TopK = Limits.InRange(request.TopK, 0, int.MaxValue, "top_k"),
            MaxOutputTokens = limits.Tokens(request.MaxCompletionTokens ?? request.MaxTokens, "max_completion_tokens"),
            Seed = (long?)PictureSettingsOf.Seed(request.Seed, "seed"),
            StopSequences = Stops(request.Stop),
            AdditionalProperties = properties,
        };
    }

    private static List<string> Stops(JsonElement? stop) => stop switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.String } text => [JsonFields.Text(text)],
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() <= 4 && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(item => JsonFields.Text(item))],
        _ => throw ApiException.BadRequest("stop must be a text or a list of up to four texts.", "stop"),
    };

    private static async Task AnswerAsync(HttpContext context, Writing reply, IAsyncEnumerable<ChatResponseUpdate> updates, ModelGateway.Work work)
    {
        StringBuilder text = new();
        List<ImagePart> pictures = [];
        ChatUsage? usage = null;
        string finish = "stop";
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            work.Count(update.RawRepresentation as Reply);
            foreach (ChatMessageBody piece in reply.Pieces(update))
            {
                text.Append(piece.Content);
                pictures.AddRange(piece.Images ?? []);
            }

            usage = Writing.Usage(update) ?? usage;
            finish = Writing.Finish(update) ?? finish;
        }

        var message = new ChatMessageBody { Role = "assistant", Content = text.ToString(), Images = pictures.Count > 0 ? pictures : null };
        ChatResponse response = reply.Response("chat.completion", new ChatChoice { Message = message, FinishReason = finish }) with { Usage = usage };
        await context.Response.WriteAsJsonAsync(response, ApiJson.Default.ChatResponse, cancellationToken: work.Cancellation).ConfigureAwait(false);
    }

    private async Task StreamAsync(HttpContext context, Writing reply, IAsyncEnumerable<ChatResponseUpdate> updates, ModelGateway.Work work)
    {
        var events = new ServerSentEvents(context.Response);
        Task Send(ChatResponse chunk) => events.WriteAsync(chunk, ApiJson.Default.ChatResponse, null, work.Cancellation);
        Task Delta(ChatMessageBody delta, string? finish = null) => Send(reply.Response("chat.completion.chunk", new ChatChoice { Delta = delta, FinishReason = finish }));
        bool begun = false;
        try
        {
            ChatUsage? usage = null;
            await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
            {
                if (!begun)
                {
                    begun = true;
                    await Delta(new ChatMessageBody { Role = "assistant", Content = "" }).ConfigureAwait(false);
                }

                work.Count(update.RawRepresentation as Reply);
                foreach (ChatMessageBody piece in reply.Pieces(update))
                {
                    await Delta(piece).ConfigureAwait(false);
                }

                if (Writing.Progress(update) is { } progress)
                {
                    await Send(reply.Response("chat.completion.chunk", new ChatChoice { Delta = new ChatMessageBody() }) with { Progress = progress }).ConfigureAwait(false);
                }

                usage = Writing.Usage(update) ?? usage;
                if (Writing.Finish(update) is { } finish)
                {
                    await Delta(new ChatMessageBody(), finish).ConfigureAwait(false);
                }
            }

            if (reply.TellsUsage)
            {
                await Send(reply.Response("chat.completion.chunk") with { Usage = usage }).ConfigureAwait(false);
            }

            await events.DoneAsync(work.Cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (begun && !context.RequestAborted.IsCancellationRequested)
        {
            await events.FailAsync(new ErrorBody(errors.Translate(e, context.TraceIdentifier).Details), ApiJson.Default.ErrorBody, null).ConfigureAwait(false);
        }
    }

    /// <summary>A reply on its way, in the words of the API.</summary>
    private sealed class Writing(ChatRequest request, string id, string model, bool markdown)
    {
        private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        private int _pictures;

        public bool TellsUsage => request.StreamOptions?.IncludeUsage == true;

        public ChatResponse Response(string kind, params ChatChoice[] choices) => new(id, kind, _created, model, choices);

        public static ChatUsage? Usage(ChatResponseUpdate update) => update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details is { } usage
            ? new ChatUsage(usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0, usage.TotalTokenCount ?? 0)
            : null;

        public static string? Finish(ChatResponseUpdate update) => update.FinishReason?.Value;

        public static PictureProgress? Progress(ChatResponseUpdate update) => update.RawRepresentation switch
        {
            ReplyUpdate.Denoising d => new PictureProgress(d.Index, d.Step, d.Steps, null),
            ReplyUpdate.Preview p => new PictureProgress(p.Index, p.Step, null, PictureFormat.Png.DataUrl(p.Image)),
            _ => null,
        };

        public IEnumerable<ChatMessageBody> Pieces(ChatResponseUpdate update)
        {
            foreach (AIContent content in update.Contents)
            {
                if (content is TextContent text)
                {
                    yield return new ChatMessageBody { Content = text.Text };
                }
                else if (content is DataContent picture)
                {
                    _pictures++;
                    yield return markdown
                        ? new ChatMessageBody { Content = $"![picture {_pictures}]({picture.Uri})" }
                        : new ChatMessageBody { Images = [new ImagePart { ImageUrl = new ImageUrl { Url = picture.Uri } }] };
                }
            }
        }
    }
}
