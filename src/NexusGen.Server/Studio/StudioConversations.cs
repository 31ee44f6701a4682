using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NexusGen.Server.Background;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Studio;

/// <summary>The conversations over HTTP: /studio/api/conversations and /studio/api/turns.</summary>
internal sealed class StudioConversations(
    ConversationStore store, StudioJobs jobs, BackgroundResults background, GalleryKeeper keeper, Limits limits, ApiKeys keys)
{
    // Of a conversation: one reply comes, the others wait for it.
    private const int MaxUnfinished = 8;

    private const int MaxFound = 200;
    private const int MaxWords = 8;

    // Held while work is accepted for a turn, so that nobody finds the turn without its work.
    private readonly Lock _gate = new();

    /// <summary>Sends the conversations that contain some words.</summary>
    public async Task SearchAsync(HttpContext context)
    {
        StudioConversationSearch search =
            await JsonBody.ReadAsync(context, StudioJson.Default.StudioConversationSearch).ConfigureAwait(false);
        limits.TextLength(search.Words?.Length ?? 0, "words");
        string[] words = (search.Words ?? "").Split((char[]?)null, MaxWords, StringSplitOptions.RemoveEmptyEntries);
        var found = new StudioConversationList(store.Search(Owner(context), words, MaxFound));
        await JsonText.SendAsync(context, found, StudioJson.Default.StudioConversationList, context.RequestAborted)
            .ConfigureAwait(false);
    }

    /// <summary>Creates a conversation.</summary>
    public async Task CreateAsync(HttpContext context)
    {
        StudioConversationChange change =
            await JsonBody.ReadAsync(context, StudioJson.Default.StudioConversationChange).ConfigureAwait(false);
        await SendAsync(context, store.Create(Owner(context), Title(change) ?? "")).ConfigureAwait(false);
    }

    /// <summary>Sends a conversation.</summary>
    public Task GetAsync(HttpContext context, string id)
    {
        StudioConversation conversation;
        lock (_gate)
        {
            conversation = store.Find(Owner(context), id) ?? throw Missing();
            conversation = conversation with { Turns = [.. conversation.Turns!.Select(turn => Current(context, turn))] };
        }

        return SendAsync(context, conversation);
    }

    /// <summary>Renames or restores a conversation.</summary>
    public async Task ChangeAsync(HttpContext context, string id)
    {
        StudioConversationChange change =
            await JsonBody.ReadAsync(context, StudioJson.Default.StudioConversationChange).ConfigureAwait(false);
        if (change.Deleted == true)
        {
            throw ApiException.BadRequest(
                "deleted can only be false, which restores a conversation. Delete it with the method DELETE.", "deleted");
        }

        if (!store.Change(Owner(context), id, Title(change), change.Deleted))
        {
            throw Missing();
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Deletes a conversation. Its images stay in the gallery.</summary>
    public async Task DeleteAsync(HttpContext context, string id)
    {
        StudioConversation conversation = store.Find(Owner(context), id) ?? throw Missing();
        await ForgetJobsAsync(context, conversation.Turns!).ConfigureAwait(false);
        store.Change(Owner(context), id, deleted: true);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Adds a turn, and computes its reply in the background.</summary>
    public async Task AddTurnAsync(HttpContext context, string id)
    {
        background.ThrowIfFull(context);
        StudioTurnRequest request =
            await JsonBody.ReadAsync(context, StudioJson.Default.StudioTurnRequest).ConfigureAwait(false);
        string owner = Owner(context);
        _ = store.Find(owner, id) ?? throw Missing();
        StudioTurn turn = request.Read(limits, picture => keeper.Has(owner, picture)) with { Job = NewJob() };
        BackgroundJob job = jobs.Create(owner, id, turn, jobs.Settings(turn));
        await StartAsync(
            context, id, job, MaxUnfinished, () => store.Add(owner, id, turn), () => store.RemoveFrom(owner, turn.Id))
            .ConfigureAwait(false);
    }

    /// <summary>Computes the reply of a turn again, or adds an image to it.</summary>
    public async Task AgainAsync(HttpContext context, string id)
    {
        background.ThrowIfFull(context);
        StudioAgain again = await JsonBody.ReadAsync(context, StudioJson.Default.StudioAgain).ConfigureAwait(false);
        bool variation = again.Variation == true;
        string owner = Owner(context);
        (StudioTurn turn, string conversation, _) = store.FindTurn(owner, id) ?? throw StudioJob.Gone();
        if (turn.LacksPicture)
        {
            throw GalleryKeeper.Missing();
        }

        if (variation && turn.Drawn.Count == 0)
        {
            throw ApiException.BadRequest("The reply has no picture to vary: compute it again.", "variation");
        }

        StudioTurn next = turn with { Job = NewJob(), Status = BackgroundStatus.Queued, Problem = null, Code = null };
        next = variation ? next : next.WithoutReply();
        BackgroundJob job = jobs.Create(owner, conversation, next, jobs.Settings(next, variation), variation);
        await StartAsync(
            context, conversation, job, 1, () => store.Update(owner, id, _ => next), () => store.Update(owner, id, _ => turn))
            .ConfigureAwait(false);
    }

    /// <summary>Sends where a turn waits.</summary>
    public Task PlaceAsync(HttpContext context, string id)
    {
        StudioTurn turn = store.FindTurn(Owner(context), id)?.Turn ?? throw StudioJob.Gone();
        var place = new StudioPlace(background.Ahead(context, StudioJob.Name, turn.Job));
        return JsonText.SendAsync(context, place, StudioJson.Default.StudioPlace, context.RequestAborted);
    }

    /// <summary>Sends the events of a turn, from one on and as they come.</summary>
    public async Task EventsAsync(HttpContext context, string id, int? after)
    {
        StudioTurn turn = store.FindTurn(Owner(context), id)?.Turn ?? throw StudioJob.Gone();
        if (!await background.TryStreamAsync(context, StudioJob.Name, turn.Job, after, StudioJob.Failure).ConfigureAwait(false))
        {
            throw StudioJob.Gone();
        }
    }

    /// <summary>Stops a turn, and sends what there is of it. One that has ended stays as it is.</summary>
    public async Task CancelAsync(HttpContext context, string id)
    {
        StudioTurn turn = store.FindTurn(Owner(context), id)?.Turn ?? throw StudioJob.Gone();
        await background.CancelAsync(context, StudioJob.Name, turn.Job).ConfigureAwait(false);
        lock (_gate)
        {
            turn = Current(context, store.FindTurn(Owner(context), id)?.Turn ?? throw StudioJob.Gone());
        }

        await JsonText.SendAsync(context, turn, StudioJson.Default.StudioTurn, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Removes a turn and those after it. Their images stay in the gallery.</summary>
    public async Task RemoveAsync(HttpContext context, string id)
    {
        IReadOnlyList<StudioTurn> removed = store.RemoveFrom(Owner(context), id);
        if (removed.Count == 0)
        {
            throw StudioJob.Gone();
        }

        await ForgetJobsAsync(context, removed).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static ApiException Missing() => ApiException.NotFound("There is no such conversation, or it was deleted.");

    private static string NewJob() => ShortTermStore<object>.NewId("turn_");

    private static Task SendAsync(HttpContext context, StudioConversation conversation) => JsonText.SendAsync(
        context, conversation, StudioJson.Default.StudioConversation, context.RequestAborted);

    private string Owner(HttpContext context) => keys.FingerprintOf(ApiKeyGuard.ClientOf(context));

    private string? Title(StudioConversationChange change)
    {
        limits.TextLength(change.Title?.Length ?? 0, "title");
        return change.Title is { } title ? ConversationStore.TitleOf(title) : null;
    }

    private Task StartAsync(
        HttpContext context, string conversation, BackgroundJob job, int maxUnfinished, Action begin, Action undo)
    {
        lock (_gate)
        {
            ThrowIfBusy(context, store.Find(Owner(context), conversation)?.Turns ?? throw Missing(), maxUnfinished);
            begin();
            try
            {
                return background.StartAsync(context, job, streamed: false, StudioJob.Failure);
            }
            catch (Exception e) when (e is ApiException or QueueFullException or QueueClosedException)
            {
                undo();
                throw;
            }
        }
    }

    private void ThrowIfBusy(HttpContext context, IReadOnlyList<StudioTurn> turns, int maxUnfinished)
    {
        if (turns.Count(turn => BackgroundStatus.IsUnfinished(Current(context, turn).Status)) >= maxUnfinished)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict,
                maxUnfinished == 1
                    ? "The conversation waits for a reply: stop it, or wait for it."
                    : $"The conversation waits for {maxUnfinished} replies: stop one, or wait for it.",
                "invalid_request_error",
                code: "reply_unfinished");
        }
    }

    // The end of a turn is missing if its disk was full then. One whose work is gone was interrupted, for example by a server
    // that keeps none.
    private StudioTurn Current(HttpContext context, StudioTurn turn)
    {
        if (!BackgroundStatus.IsUnfinished(turn.Status))
        {
            return turn;
        }

        StudioTurn ended;
        if (background.Exists(context, StudioJob.Name, turn.Job))
        {
            ended = background.Response(context, StudioJob.Name, turn.Job) is { } response
                ? JsonSerializer.Deserialize(response, StudioJson.Default.StudioTurn)!
                : turn;
            if (BackgroundStatus.IsUnfinished(ended.Status))
            {
                return turn;
            }
        }
        else
        {
            ended = turn with
            {
                Status = BackgroundStatus.Failed,
                Problem = "The server was stopped while it worked on this.",
                Code = "interrupted",
            };
        }

        try
        {
            return store.Update(Owner(context), turn.Id, now =>
                now.Job == turn.Job && BackgroundStatus.IsUnfinished(now.Status) ? ended : now) ?? ended;
        }
        catch (GalleryException)
        {
            return ended;
        }
    }

    private async Task ForgetJobsAsync(HttpContext context, IReadOnlyList<StudioTurn> turns)
    {
        // Backwards, so that no reply begins whose turn comes when the one before it is cancelled.
        foreach (StudioTurn turn in turns.Reverse())
        {
            await background.DeleteAsync(context, StudioJob.Name, turn.Job).ConfigureAwait(false);
        }
    }
}
