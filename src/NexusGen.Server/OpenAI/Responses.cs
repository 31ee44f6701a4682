using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Configuration;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.OpenAI;

/// <summary>POST /v1/responses: the Responses API, with pictures as its image tool's output; GET and DELETE of kept responses.</summary>
internal sealed class Responses(
    ModelGateway gateway, ResponsesInput input, ChatMessages messages, PictureReader reader, PictureStore store, Limits limits, ErrorTranslation errors, IOptions<NexusGenServerOptions> options)
{
    private const int MostPartial = 3;

    private readonly NexusGenChatClient _client = new(gateway.Model);
    private readonly ShortTermStore<Kept> _kept = new(options.Value.StoreBytes / 2, options.Value.PictureLifetime);

    /// <summary>Handles a request.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        ResponsesRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ResponsesRequest).ConfigureAwait(false);
        limits.Model(request.Model);
        string client = RequestGuard.ClientOf(context);
        List<ChatMessage> conversation = request.PreviousResponseId is { } previous
            ? [.. (_kept.Find(previous, client) ?? throw ApiException.NotFound("The previous response is not kept here any more.", "previous_response_id")).Conversation]
            : [];
        var pictures = new RequestPictures(reader, limits, "input");
        conversation.AddRange(input.Read(request.Input, client, pictures));
        messages.Check(conversation, "input");
        ResponsesTool? tool = request.Tools?.FirstOrDefault(tool => tool?.Type == "image_generation");
        var format = PictureFormat.Parse(tool?.OutputFormat, "tools.output_format");
        int partial = request.Stream == true ? Limits.InRange(tool?.PartialImages, 0, MostPartial, "tools.partial_images") ?? 0 : 0;
        ChatOptions chat = Options(request, tool, partial);
        var start = new ResponseBody(ShortTermStore<object>.NewId("resp_"), DateTimeOffset.UtcNow.ToUnixTimeSeconds(), limits.ModelId, "in_progress", [])
        {
            Instructions = request.Instructions,
            PreviousResponseId = request.PreviousResponseId,
            Tools = request.Tools ?? [],
            Metadata = request.Metadata ?? [],
            Temperature = request.Temperature,
            TopP = request.TopP,
        };
        var writer = new ResponsesWriter(start, format, partial);
        using ModelGateway.Work work = await gateway.BeginAsync(context, "respond").ConfigureAwait(false);
        await pictures.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        IAsyncEnumerable<ChatResponseUpdate> updates = _client.GetStreamingResponseAsync(conversation, chat, work.Cancellation);
        if (request.Stream == true)
        {
            await StreamAsync(context, writer, updates, work, () => Keep(request, client, conversation, writer)).ConfigureAwait(false);
            return;
        }

        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            work.Count(update.RawRepresentation as Reply);
            _ = writer.Next(update);
        }

        Keep(request, client, conversation, writer);
        await context.Response.WriteAsJsonAsync(writer.Response, ApiJson.Default.ResponseBody, cancellationToken: work.Cancellation).ConfigureAwait(false);
    }

    /// <summary>A kept response.</summary>
    public Task GetAsync(HttpContext context, string id) => context.Response.WriteAsJsonAsync(
        (_kept.Find(id, RequestGuard.ClientOf(context)) ?? throw Gone()).Response, ApiJson.Default.ResponseBody, cancellationToken: context.RequestAborted);

    /// <summary>Forgets a response.</summary>
    public Task DeleteAsync(HttpContext context, string id) => _kept.Forget(id, RequestGuard.ClientOf(context))
        ? context.Response.WriteAsJsonAsync(new Deleted(id, "response", true), ApiJson.Default.Deleted, cancellationToken: context.RequestAborted)
        : throw Gone();

    private static ApiException Gone() => ApiException.NotFound("There is no such response, or it is not kept any more.", "response_id");

    private ChatOptions Options(ResponsesRequest request, ResponsesTool? tool, int partial)
    {
        limits.TextLength(request.Instructions?.Length ?? 0, "instructions");
        PictureFields fields = request.Picture ?? new();
        AdditionalPropertiesDictionary properties = PictureSettingsOf.Properties(fields with { Size = fields.Size ?? tool?.Size }, limits);
        if (partial > 0)
        {
            int steps = fields.Steps ?? gateway.Model.Configuration.Defaults.Generate.Steps;
            properties[NexusGenProperties.PreviewEvery] = Math.Max(1, steps / (partial + 1));
        }

        return new ChatOptions
        {
            Instructions = request.Instructions,
            Temperature = (float?)Limits.InRange(request.Temperature, 0, 2, "temperature"),
            TopP = (float?)Limits.InRange(request.TopP, 0, 1, "top_p"),
            MaxOutputTokens = limits.Tokens(request.MaxOutputTokens, "max_output_tokens"),
            AdditionalProperties = properties,
        };
    }

    private async Task StreamAsync(
        HttpContext context, ResponsesWriter writer, IAsyncEnumerable<ChatResponseUpdate> updates, ModelGateway.Work work, Action keep)
    {
        var events = new ServerSentEvents(context.Response);
        bool begun = false;
        async Task Send(IEnumerable<ResponseEvent> pieces)
        {
            foreach (ResponseEvent piece in pieces)
            {
                begun = true;
                await events.WriteAsync(piece, ApiJson.Default.ResponseEvent, piece.Type, work.Cancellation).ConfigureAwait(false);
            }
        }

        try
        {
            await Send(writer.Begin()).ConfigureAwait(false);
            await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
            {
                work.Count(update.RawRepresentation as Reply);
                ResponseEvent[] pieces = [.. writer.Next(update)];
                if (update.RawRepresentation is Reply)
                {
                    // Before its end is told, so that whoever goes on at once finds it.
                    keep();
                }

                await Send(pieces).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (begun && !context.RequestAborted.IsCancellationRequested)
        {
            ResponseEvent failed = writer.Fail(errors.Translate(e, context.TraceIdentifier).Message);
            await events.FailAsync(failed, ApiJson.Default.ResponseEvent, failed.Type).ConfigureAwait(false);
        }
    }

    private void Keep(ResponsesRequest request, string client, List<ChatMessage> conversation, ResponsesWriter writer)
    {
        if (request.Store == false)
        {
            return;
        }

        List<ChatMessage> whole = [.. conversation, new ChatMessage(ChatRole.Assistant, writer.Contents)];
        _kept.Add(writer.Response.Id, client, new Kept(whole, writer.Response), Size(whole) + writer.Response.Output.Sum(item => item.Result?.Length ?? 0));
        foreach ((string id, PictureData data) in writer.Pictures)
        {
            store.Add(id, client, data, data.Data.Length);
        }
    }

    private static long Size(List<ChatMessage> conversation) => conversation.SelectMany(message => message.Contents).Sum(content => content switch
    {
        TextContent text => 2L * text.Text.Length,
        { RawRepresentation: RgbImage image } => 3L * image.Width * image.Height,
        _ => 0,
    });

    private sealed record Kept(List<ChatMessage> Conversation, ResponseBody Response);
}

/// <summary>A thing that was forgotten.</summary>
internal sealed record Deleted(string Id, string Object, [property: System.Text.Json.Serialization.JsonPropertyName("deleted")] bool IsDeleted);
