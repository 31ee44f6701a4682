using System.Runtime.CompilerServices;
using System.Threading.Channels;
using NexusGen.Core;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen;

/// <summary>
/// The front door: one model that understands, draws and edits pictures (Nexus-Gen, arXiv 2504.21356). Opening reads
/// configurations alone; parts are loaded when a request needs them. Safe to call from any thread, many requests at once: they
/// advance in turn on one thread of the model's own, together where <see cref="NexusGenOptions.MaxBatch"/> allows it, and a
/// cancelled one ends within a step.
/// </summary>
public sealed class NexusGenModel : IDisposable
{
    private readonly ModelFiles _files;
    private readonly InferenceEngine _engine;
    private readonly ModelStages _stages;

    private NexusGenModel(ModelFiles files, NexusGenOptions options)
    {
        _files = files;
        _engine = new InferenceEngine();
        try
        {
            _stages = new ModelStages(files, options, _engine.Wake);
        }
        catch
        {
            _engine.Dispose();
            throw;
        }
    }

    /// <summary>Where the model's files lie.</summary>
    public ModelPaths Paths => _files.Paths;

    /// <summary>The model's sizes, grids and defaults.</summary>
    public NexusGenConfiguration Configuration => _files.Configuration;

    /// <summary>The parts that are loaded now.</summary>
    public IReadOnlyList<string> LoadedStages => _stages.Cache.Loaded;

    /// <summary>How many requests are accepted and not ended, those that wait included.</summary>
    public int RequestCount => _engine.JobCount;

    /// <summary>Opens a model.</summary>
    /// <param name="folder">The root of the official layout, or its <c>Nexus-GenV2</c> folder.</param>
    /// <param name="options">How; the CPU and the model's precision where null.</param>
    /// <exception cref="NexusGenException">There is no model, or a configuration or option is wrong.</exception>
    public static NexusGenModel Open(string folder, NexusGenOptions? options = null)
    {
        options ??= new NexusGenOptions();
        var files = new ModelFiles(ModelPaths.Find(folder, options.Paths));
        try
        {
            return new NexusGenModel(files, options);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Answers a question about pictures.</summary>
    /// <param name="request">The question.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>The reply; a picture where the model chose to draw.</returns>
    /// <exception cref="NexusGenException">The request or the model's files are wrong; the message says what to do.</exception>
    public Task<Reply> UnderstandAsync(UnderstandRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        ReplyAsync(() => Plan(request), progress, cancellationToken);

    /// <summary>Draws a picture from text.</summary>
    /// <param name="request">The description.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>A <see cref="PictureReply"/>, or a <see cref="TextReply"/> where the model did not draw.</returns>
    public Task<Reply> GenerateAsync(GenerateRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        ReplyAsync(() => Plan(request), progress, cancellationToken);

    /// <summary>Draws pictures from several texts; the language model reads and writes them as one batch.</summary>
    /// <param name="requests">The descriptions.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>The replies, in the requests' order.</returns>
    public async Task<IReadOnlyList<Reply>> GenerateAsync(
        IReadOnlyList<GenerateRequest> requests, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        ReplyTask task = await Task.Run(() => new ReplyTask(_stages, [.. requests.Select(Plan)], null, progress), cancellationToken).ConfigureAwait(false);
        await _engine.RunAsync(task.Steps(), cancellationToken).ConfigureAwait(false);
        return task.Replies;
    }

    /// <summary>Changes a picture as an instruction says.</summary>
    /// <param name="request">The picture and the instruction.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>A <see cref="PictureReply"/>, or a <see cref="TextReply"/> where the model did not draw.</returns>
    public Task<Reply> EditAsync(EditRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        ReplyAsync(() => Plan(request), progress, cancellationToken);

    /// <summary>Turns a picture into embeddings and back.</summary>
    /// <param name="request">The picture.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>What it should have become, what it became, and how near they are.</returns>
    public async Task<Reconstruction> ReconstructAsync(
        ReconstructRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default)
    {
        bool editing = request.Decoder == DecoderChoice.Editing;
        PictureDefaults defaults = editing ? Configuration.Defaults.Edit : Configuration.Defaults.Generate;
        PaintPlan plan = PaintPlan.Of(request.Picture with { Count = 1 }, defaults, editing, request.Image);
        var task = new ReconstructTask(_stages, request.Image, plan, progress);
        await _engine.RunAsync(task.Steps(), cancellationToken).ConfigureAwait(false);
        return task.Result!;
    }

    /// <summary>Answers a question about pictures, piece by piece.</summary>
    /// <param name="request">The question.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>Text and pictures as they come; the last piece is the whole reply.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(UnderstandRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        StreamAsync(() => Plan(request), progress, cancellationToken);

    /// <summary>Draws a picture from text, piece by piece.</summary>
    /// <param name="request">The description.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>Text and pictures as they come; the last piece is the whole reply.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(GenerateRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        StreamAsync(() => Plan(request), progress, cancellationToken);

    /// <summary>Changes a picture as an instruction says, piece by piece.</summary>
    /// <param name="request">The picture and the instruction.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>Text and pictures as they come; the last piece is the whole reply.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(EditRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        StreamAsync(() => Plan(request), progress, cancellationToken);

    /// <summary>Begins a conversation, or goes on with one that was kept elsewhere.</summary>
    /// <param name="systemPrompt">The system prompt; the template's own where null.</param>
    /// <param name="turns">What was said before.</param>
    /// <exception cref="NexusGenException">A reply has more or fewer pictures than marks.</exception>
    public Chat StartChat(string? systemPrompt = null, params IEnumerable<ChatTurn> turns) => new(this, systemPrompt, turns);

    /// <summary>Lets go of the parts that no request uses now.</summary>
    public void Trim() => _stages.Cache.Trim();

    /// <summary>Ends all requests, which fail with <see cref="ObjectDisposedException"/>, and frees the model.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _stages.Dispose();
        _files.Dispose();
    }

    internal async IAsyncEnumerable<ReplyUpdate> StreamAsync(
        Func<ReplyPlan> plan, IProgress<ProgressReport>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<ReplyUpdate> updates = Channel.CreateUnbounded<ReplyUpdate>(new UnboundedChannelOptions { SingleReader = true });
        ReplyTask task = await Task.Run(() => new ReplyTask(_stages, [plan()], (_, update) => updates.Writer.TryWrite(update), progress), cancellationToken)
            .ConfigureAwait(false);
        Task running = _engine.RunAsync(task.Steps(), cancellation.Token);
        _ = running.ContinueWith(_ => updates.Writer.TryComplete(), TaskScheduler.Default);
        try
        {
            await foreach (ReplyUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return update;
            }

            await running.ConfigureAwait(false);
        }
        finally
        {
            // A reader that leaves early ends the work.
            await cancellation.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<Reply> ReplyAsync(Func<ReplyPlan> plan, IProgress<ProgressReport>? progress, CancellationToken cancellationToken)
    {
        ReplyTask task = await Task.Run(() => new ReplyTask(_stages, [plan()], null, progress), cancellationToken).ConfigureAwait(false);
        await _engine.RunAsync(task.Steps(), cancellationToken).ConfigureAwait(false);
        return task.Replies[0];
    }

    private ReplyPlan Plan(UnderstandRequest request)
    {
        int bound = request.MaxPixels ?? Configuration.Defaults.MaxPixels;
        ContentPart[] parts = [.. request.Images.Select(_ => (ContentPart)new ImagePart()), request.Question];
        return new ReplyPlan
        {
            Messages = [ChatMessage.User(parts)],
            Pictures = [.. request.Images.Select(image => new PromptPicture(ImageFitting.ForUnderstanding(image, bound)))],
            Reply = request.Reply,
            Paint = PaintPlan.Of(new PictureSettings(), Configuration.Defaults.Generate, editing: false, null),
        };
    }

    private ReplyPlan Plan(GenerateRequest request) => new()
    {
        Messages = [Prompts.Generate(request.Description, request.Language)],
        Reply = request.Reply,
        Paint = PaintPlan.Of(request.Picture, Configuration.Defaults.Generate, editing: false, null),
    };

    private ReplyPlan Plan(EditRequest request) => new()
    {
        Messages = [Prompts.Edit(request.Instruction)],
        Pictures = [new PromptPicture(ImageFitting.BoundImage(request.Image, request.MaxPixels ?? Configuration.Defaults.MaxPixels))],
        Reply = request.Reply,
        Paint = PaintPlan.Of(request.Picture, Configuration.Defaults.Edit, request.Decoder != DecoderChoice.Generation, request.Image),
    };
}
