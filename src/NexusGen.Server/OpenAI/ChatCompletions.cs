using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Loras;
using NexusGen.Server.Requests;
using RandomSeed = NexusGen.Core.RandomSeed;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Handles POST /v1/chat/completions: the next message of a conversation, with its images, complete or as a stream.
/// </summary>
internal sealed class ChatCompletions(ModelGateway gateway, ImageReader reader, Limits limits, EventStream stream)
{
    private static readonly SseItem<byte[]> Done = new("[DONE]"u8.ToArray(), null);

    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ChatRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ChatRequest).ConfigureAwait(false);
        LoraSelection loras = limits.Model(request.Model, request.Loras);
        Limits.InRange(request.N, 1, 1, "n");
        bool markdown = request.Picture?.Form != "images";
        TextFormat.Check(request.ResponseFormat, "response_format");
        ToolChoice.CheckOptional(request.ToolChoice, "tool_choice");
        ToolChoice.CheckOptional(request.FunctionCall, "function_call");
        var images = new RequestImages(reader, limits, "messages");
        IReadOnlyList<RequestMessage> messages =
            RequestHistory.Fit(ChatMessages.Read(request.Messages, images), images, limits, "messages");
        ulong seed = ImageSettingsReader.Seed(request.Seed, "seed") ?? RandomSeed.Next();
        ImageSettings settings = ImageSettingsReader.Read(request.Picture, limits, seed);
        var input = new ChatInput("")
        {
            Action = ImageSettingsReader.Action(request.Picture?.Action, "picture.action"),
            Reply = Reply(request, seed),
            Settings = settings,
        };
        var writer = new ChatWriter(request.Model ?? limits.ModelId, markdown, request.StreamOptions?.IncludeUsage == true, seed);

        using ModelGateway.Work work = await gateway.BeginAsync(context, "chat").ConfigureAwait(false);
        await images.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        IAsyncEnumerable<ReplyUpdate> updates =
            await work.AnswerAsync(RequestMessage.ToConversation(messages, loras.Apply(input)), "messages").ConfigureAwait(false);
        if (request.Stream == true)
        {
            await stream.SendAsync(context, EventsAsync(writer, updates), Failure, work.Cancellation).ConfigureAwait(false);
        }
        else
        {
            ChatResponse response = await CompleteAsync(writer, updates).ConfigureAwait(false);
            await JsonText.SendAsync(
                context, response, ApiJson.Default.ChatResponse, work.Cancellation).ConfigureAwait(false);
        }
    }

    private ReplySettings Reply(ChatRequest request, ulong seed) => new()
    {
        RepetitionPenalty = Limits.InRange(request.RepetitionPenalty, 0.1, 10, "repetition_penalty"),
        Temperature = Limits.InRange(request.Temperature, 0, 2, "temperature"),
        TopP = Limits.InRange(request.TopP, 0, 1, "top_p"),
        TopK = Limits.InRange(request.TopK, 0, int.MaxValue, "top_k"),
        MaxNewTokens = request.MaxCompletionTokens is { } tokens
            ? limits.Tokens(tokens, "max_completion_tokens")
            : limits.Tokens(request.MaxTokens, "max_tokens"),
        Seed = seed,
        StopSequences = [.. Stops(request.Stop).Where(stop => stop.Length > 0)],
    };

    private static IReadOnlyList<string> Stops(JsonElement? stop) => stop switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.String } text => [JsonFields.Text(text)],
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() <= 4
            && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(item => JsonFields.Text(item))],
        _ => throw ApiException.BadRequest("stop must be a text or a list of up to four texts.", "stop"),
    };

    private static async Task<ChatResponse> CompleteAsync(ChatWriter writer, IAsyncEnumerable<ReplyUpdate> updates)
    {
        StringBuilder text = new();
        List<ImagePart> images = [];
        Reply? reply = null;
        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            ChatMessageBody? piece = writer.Piece(update);
            text.Append(piece?.Content);
            images.AddRange(piece?.Images ?? []);
            reply = (update as ReplyUpdate.Finished)?.Reply;
        }

        var message = new ChatMessageBody
        {
            Role = "assistant",
            Content = text.ToString(),
            Images = images.Count > 0 ? images : null,
        };
        return writer.Complete(message, reply!);
    }

    private static async IAsyncEnumerable<SseItem<byte[]>> EventsAsync(ChatWriter writer, IAsyncEnumerable<ReplyUpdate> updates)
    {
        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            foreach (ChatResponse chunk in writer.Chunks(update))
            {
                yield return EventStream.Event(chunk, ApiJson.Default.ChatResponse);
            }
        }

        yield return Done;
    }

    private static SseItem<byte[]> Failure(ApiException error) =>
        EventStream.Event(new ErrorBody(error.Details), ApiJson.Default.ErrorBody);
}
