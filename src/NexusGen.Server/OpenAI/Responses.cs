using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Handles POST /v1/responses, the Responses API with images as the output of its image tool, and GET and DELETE of kept
/// responses.
/// </summary>
internal sealed class Responses(
    ModelGateway gateway,
    ResponsesInput input,
    ImageReader reader,
    ResponseStore store,
    Limits limits,
    EventStream stream)
{
    private const int MaxPartialImages = 3;

    /// <summary>Handles a request.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        ResponsesRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ResponsesRequest).ConfigureAwait(false);
        limits.Model(request.Model);
        string client = ApiKeyGuard.ClientOf(context);
        bool truncate = request.Truncation switch
        {
            null or "disabled" => false,
            "auto" => true,
            _ => throw ApiException.BadRequest("truncation must be auto or disabled.", "truncation"),
        };
        TextFormat.Check(request.Text is { } text ? JsonFields.Find(text, "format") : null, "text.format");
        ImageChoice choice = ToolChoice.Read(request.ToolChoice, request.Tools);
        var images = new RequestImages(reader, limits, "input");
        IReadOnlyList<RequestMessage> before = request.PreviousResponseId is { } previous ? Previous(previous, client) : [];
        IReadOnlyList<RequestMessage> messages = RequestHistory.Fit(
            [.. before, .. input.Read(request.Input, client, images)], images, limits, "input", truncate);
        (int number, ResponsesTool? tool) =
            (request.Tools ?? []).Index().FirstOrDefault(item => item.Item?.Type == ToolChoice.ImageTool);
        string field = $"tools[{number}]";
        limits.Size(tool?.Size, $"{field}.size");
        var format = ImageFileFormat.Parse(tool?.OutputFormat, $"{field}.output_format");
        int? previews = Limits.InRange(tool?.PartialImages, 0, MaxPartialImages, $"{field}.partial_images");
        int partial = request.Stream == true ? previews ?? 0 : 0;
        limits.TextLength(request.Instructions?.Length ?? 0, "instructions");
        ImageSettings settings = Settings(request.Picture ?? new(), tool, partial);
        var turn = new ChatInput("")
        {
            Action = Action(request.Picture?.Action, tool?.Action, $"{field}.action", choice),
            RequiresImage = choice == ImageChoice.Required,
            Reply = Reply(request, settings.Seed!.Value),
            Settings = settings,
        };
        var writer = new ResponsesWriter(Start(request) with { Seed = settings.Seed.Value }, format, partial);

        using ModelGateway.Work work = await gateway.BeginAsync(context, "respond").ConfigureAwait(false);
        await images.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        Conversation conversation = RequestMessage.ToConversation(messages, turn, request.Instructions);
        IAsyncEnumerable<ReplyUpdate> updates = await work.AnswerAsync(conversation, "input", truncate).ConfigureAwait(false);
        Action keep = request.Store == false ? () => { } : () => store.Add(client, writer.Response, messages, writer.Items);
        if (request.Stream == true)
        {
            await stream.SendAsync(context, EventsAsync(writer, updates, keep), Failure, work.Cancellation).ConfigureAwait(false);
            return;
        }

        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            _ = writer.Next(update);
        }

        keep();
        await JsonText.SendAsync(
            context, writer.Response, ApiJson.Default.ResponseBody, work.Cancellation).ConfigureAwait(false);

        SseItem<byte[]> Failure(ApiException error) => Event(writer.Fail(error));
    }

    /// <summary>Sends a kept response.</summary>
    public Task GetAsync(HttpContext context, string id) => JsonText.SendAsync(
        context,
        store.Find(id, ApiKeyGuard.ClientOf(context)) ?? throw Gone(),
        ApiJson.Default.ResponseBody,
        context.RequestAborted);

    /// <summary>Deletes a kept response.</summary>
    public Task DeleteAsync(HttpContext context, string id) => store.Forget(id, ApiKeyGuard.ClientOf(context))
        ? JsonText.SendAsync(
            context, new Deleted(id, "response", true), ApiJson.Default.Deleted, context.RequestAborted)
        : throw Gone();

    private static ApiException Gone() =>
        ApiException.NotFound("There is no such response, or it is not kept any more.", "response_id");

    private static SseItem<byte[]> Event(ResponseEvent piece) =>
        EventStream.Event(piece, ApiJson.Default.ResponseEvent, piece.Type);

    private static async IAsyncEnumerable<SseItem<byte[]>> EventsAsync(
        ResponsesWriter writer, IAsyncEnumerable<ReplyUpdate> updates, Action keep)
    {
        foreach (ResponseEvent piece in writer.Begin())
        {
            yield return Event(piece);
        }

        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            IReadOnlyList<ResponseEvent> pieces = writer.Next(update);
            if (update is ReplyUpdate.Finished)
            {
                // Before the last event is sent, so that a client that continues the response at once finds it.
                keep();
            }

            foreach (ResponseEvent piece in pieces)
            {
                yield return Event(piece);
            }
        }
    }

    private IReadOnlyList<RequestMessage> Previous(string id, string client) => store.Conversation(id, client)
        ?? throw ApiException.NotFound("previous_response_id: that response is not kept here any more.", "previous_response_id");

    private static ChatAction Action(string? own, string? tool, string toolField, ImageChoice choice)
    {
        ChatAction action = own is not null
            ? ImageSettingsReader.Action(own, "picture.action")
            : ImageSettingsReader.Action(tool, toolField);
        return choice switch
        {
            ImageChoice.None when own is not null && action is ChatAction.Draw or ChatAction.Edit =>
                throw ApiException.BadRequest("tool_choice allows no picture, but picture.action requires one.", "tool_choice"),
            ImageChoice.None => ChatAction.Ask,
            ImageChoice.Required when action == ChatAction.Ask =>
                throw ApiException.BadRequest("tool_choice requires a picture, but the action is ask.", "tool_choice"),
            _ => action,
        };
    }

    private ImageSettings Settings(PictureFields fields, ResponsesTool? tool, int partial)
    {
        ImageSettings settings = ImageSettingsReader.Read(fields with { Size = fields.Size ?? tool?.Size }, limits);
        int steps = fields.Steps ?? gateway.Defaults(editing: false).Steps;
        return partial == 0 ? settings : settings with { PreviewEvery = Math.Max(1, steps / (partial + 1)) };
    }

    private ReplySettings Reply(ResponsesRequest request, ulong seed) => new()
    {
        Seed = seed,
        Temperature = Limits.InRange(request.Temperature, 0, 2, "temperature"),
        TopP = Limits.InRange(request.TopP, 0, 1, "top_p"),
        MaxNewTokens = limits.Tokens(request.MaxOutputTokens, "max_output_tokens"),
    };

    private ResponseBody Start(ResponsesRequest request) =>
        new(ShortTermStore<object>.NewId("resp_"), DateTimeOffset.UtcNow.ToUnixTimeSeconds(), limits.ModelId, "in_progress", [])
        {
            Instructions = request.Instructions,
            PreviousResponseId = request.PreviousResponseId,
            Tools = request.Tools ?? [],
            Metadata = request.Metadata ?? [],
            Temperature = request.Temperature,
            TopP = request.TopP,
            ToolChoice = request.ToolChoice is { ValueKind: not JsonValueKind.Null } choice ? choice : ResponseBody.Auto,
            Truncation = request.Truncation ?? "disabled",
        };
}

/// <summary>The response to a deletion.</summary>
internal sealed record Deleted(
    string Id, string Object, [property: System.Text.Json.Serialization.JsonPropertyName("deleted")] bool IsDeleted);
