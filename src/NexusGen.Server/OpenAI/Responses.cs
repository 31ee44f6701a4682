using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Handles /v1/responses, the Responses API with images as the output of its image tool: new responses, and those that are kept
/// or computed in the background.
/// </summary>
internal sealed class Responses(
    ModelGateway gateway,
    ResponsesInput input,
    ImageReader reader,
    ResponseStore store,
    BackgroundResults background,
    Limits limits,
    EventStream stream)
{
    /// <summary>Handles a request.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        ResponsesRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ResponsesRequest).ConfigureAwait(false);
        bool inBackground = request.Background == true;
        if (inBackground && request.Store == false)
        {
            throw ApiException.BadRequest("background needs a response that is kept: store must not be false.", "store");
        }

        limits.Model(request.Model, request.Loras);
        ResponseSettings settings = ResponseSettings.Read(request, limits, gateway);
        string client = ApiKeyGuard.ClientOf(context);
        var images = new RequestImages(reader, limits, "input");
        IReadOnlyList<RequestMessage> before =
            request.PreviousResponseId is { } previous ? Previous(previous, client, images) : [];
        IReadOnlyList<RequestMessage> messages = RequestHistory.Fit(
            [.. before, .. input.Read(request.Input, client, images)], images, limits, "input", settings.Truncate);
        var job = new ResponseJob(request, settings, Start(request, settings.Seed), messages, images, limits)
        {
            Completed = inBackground || request.Store == false
                ? null
                : writer => store.Add(client, writer.Response, messages, writer.Items),
        };
        if (inBackground)
        {
            await images.KeepAsync(context.RequestAborted).ConfigureAwait(false);
            await background.StartAsync(context, job, request.Stream == true, ResponseJob.Failure).ConfigureAwait(false);
            return;
        }

        using ModelGateway.Work work = await gateway.BeginAsync(context, job.Operation).ConfigureAwait(false);
        if (request.Stream == true)
        {
            await stream.SendAsync(context, job.RunAsync(work), job.Fail, work.Cancellation).ConfigureAwait(false);
            return;
        }

        await foreach (ResponseEvent _ in job.EventsAsync(work).ConfigureAwait(false))
        {
        }

        await JsonText.SendAsync(context, job.Current, ApiJson.Default.ResponseBody, work.Cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a response, or its events if it is computed in the background.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">The id of the response.</param>
    /// <param name="streamed">true for its events.</param>
    /// <param name="after">The number of the event after which they begin, or null for all.</param>
    public async Task GetAsync(HttpContext context, string id, bool streamed, int? after)
    {
        ResponseBody? kept = store.Find(id, ApiKeyGuard.ClientOf(context));
        if (streamed && kept is not null)
        {
            throw ApiException.BadRequest("Only the events of a response with background can be read again.", "stream");
        }

        if (streamed)
        {
            if (!await background.TryStreamAsync(context, ResponseJob.Name, id, after, ResponseJob.Failure).ConfigureAwait(false))
            {
                throw Gone();
            }

            return;
        }

        ReadOnlyMemory<byte> body = kept is not null
            ? JsonText.Serialize(kept, ApiJson.Default.ResponseBody)
            : await background.FindAsync(context, ResponseJob.Name, id).ConfigureAwait(false) ?? throw Gone();
        await JsonText.SendAsync(context, body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Cancels a response that is computed in the background, and sends it.</summary>
    public async Task CancelAsync(HttpContext context, string id)
    {
        if (store.Find(id, ApiKeyGuard.ClientOf(context)) is not null)
        {
            throw ApiException.BadRequest("Only a response with background can be cancelled.", "response_id");
        }

        byte[] body =
            await background.CancelAsync(context, ResponseJob.Name, id).ConfigureAwait(false) ?? throw Gone();
        await JsonText.SendAsync(context, body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Deletes a response. If it is still computed, it is cancelled.</summary>
    public async Task DeleteAsync(HttpContext context, string id)
    {
        if (!store.Forget(id, ApiKeyGuard.ClientOf(context))
            && !await background.DeleteAsync(context, ResponseJob.Name, id).ConfigureAwait(false))
        {
            throw Gone();
        }

        await JsonText.SendAsync(
            context, new Deleted(id, "response", true), ApiJson.Default.Deleted, context.RequestAborted).ConfigureAwait(false);
    }

    private static ApiException Gone() =>
        ApiException.NotFound("There is no such response, or it is not kept any more.", "response_id");

    private IReadOnlyList<RequestMessage> Previous(string id, string client, RequestImages images) =>
        store.Conversation(id, client, images)
        ?? throw ApiException.NotFound("previous_response_id: that response is not kept here any more.", "previous_response_id");

    private ResponseBody Start(ResponsesRequest request, ulong seed) =>
        new(
            ShortTermStore<object>.NewId("resp_"),
            DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            request.Model ?? limits.ModelId,
            request.Background == true ? BackgroundStatus.Queued : BackgroundStatus.InProgress,
            [])
        {
            Background = request.Background == true,
            Instructions = request.Instructions,
            PreviousResponseId = request.PreviousResponseId,
            Tools = request.Tools ?? [],
            Metadata = request.Metadata ?? [],
            Temperature = request.Temperature,
            TopP = request.TopP,
            ToolChoice = request.ToolChoice is { ValueKind: not JsonValueKind.Null } choice ? choice : ResponseBody.Auto,
            Truncation = request.Truncation ?? "disabled",
            Seed = seed,
        };
}
