using System.Runtime.CompilerServices;
using System.Threading.Channels;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen;

/// <summary>
/// One model that understands, generates and edits images (Nexus-Gen, arXiv 2504.21356). Opening it reads only configurations;
/// components are loaded when a request needs them.
/// </summary>
/// <remarks>
/// Safe to call from any thread. Requests that run at the same time advance in turn on one thread of the model, and share forward
/// passes if <see cref="NexusGenOptions.MaxBatch"/> allows it. A cancelled request ends between two steps.
/// </remarks>
public sealed class NexusGenModel : IDisposable
{
    private readonly ModelFiles _files;
    private readonly InferenceEngine _engine;
    private readonly ModelComponents _components;

    private NexusGenModel(ModelFiles files, NexusGenOptions options)
    {
        _files = files;
        _engine = new InferenceEngine(typeof(NexusGenModel).FullName);
        try
        {
            _components = new ModelComponents(files, options, _engine.Wake);
        }
        catch
        {
            _engine.Dispose();
            throw;
        }
    }

    /// <summary>Gets the paths of the model's files.</summary>
    public ModelPaths Paths => _files.Paths;

    /// <summary>Gets the model's sizes, grids and defaults.</summary>
    public NexusGenConfiguration Configuration => _files.Configuration;

    /// <summary>Gets the names of the components that are loaded.</summary>
    public IReadOnlyList<string> LoadedComponents => _components.Cache.Loaded;

    /// <summary>Gets the number of requests that have not ended, including those that wait.</summary>
    public int RequestCount => _engine.JobCount;

    /// <summary>Opens a model.</summary>
    /// <param name="folder">The root of the official layout, or its <c>Nexus-GenV2</c> folder.</param>
    /// <param name="options">How to open it, or null for the CPU and the model's own precision.</param>
    /// <exception cref="NexusGenException">The folder has no model, or a configuration or an option is wrong.</exception>
    public static NexusGenModel Open(string folder, NexusGenOptions? options = null)
    {
        options ??= new NexusGenOptions();
        var files = new ModelFiles(ModelPaths.Find(folder, options.Paths), options.MapWeights);
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

    /// <summary>Answers a question about images.</summary>
    /// <param name="request">The question.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The reply; with an image if the model chose to generate one.</returns>
    /// <exception cref="NexusGenException">The request or the model's files are wrong; the message says what to do.</exception>
    public Task<Reply> UnderstandAsync(
        UnderstandRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        ReplyAsync(() => GenerationPlan.Of(request, _files), progress, cancellationToken);

    /// <summary>Generates an image from text.</summary>
    /// <param name="request">The description.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The reply; without images if the model did not generate one.</returns>
    public Task<Reply> GenerateAsync(
        GenerateRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        ReplyAsync(() => GenerationPlan.Of(request, _files), progress, cancellationToken);

    /// <summary>Generates images from several texts, which the language model processes as one batch.</summary>
    /// <param name="requests">The descriptions.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The replies, in the requests' order.</returns>
    public async Task<IReadOnlyList<Reply>> GenerateAsync(
        IReadOnlyList<GenerateRequest> requests,
        IProgress<ProgressReport>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        GenerationPlan[] plans = await Task
            .Run(() => requests.Select(request => GenerationPlan.Of(request, _files)).ToArray(), cancellationToken)
            .ConfigureAwait(false);
        return await RunAsync(plans, null, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Edits an image as an instruction says.</summary>
    /// <param name="request">The image and the instruction.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The reply; without images if the model did not generate one.</returns>
    public Task<Reply> EditAsync(
        EditRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default) =>
        ReplyAsync(() => GenerationPlan.Of(request, _files), progress, cancellationToken);

    /// <summary>Encodes an image into embeddings and decodes them again.</summary>
    /// <param name="request">The image.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The original image at the output's size, the decoded image, and how close they are.</returns>
    public async Task<Reconstruction> ReconstructAsync(
        ReconstructRequest request, IProgress<ProgressReport>? progress = null, CancellationToken cancellationToken = default)
    {
        bool editing = request.Decoder == DecoderChoice.Editing;
        ImageDefaults defaults = editing ? Configuration.Defaults.Edit : Configuration.Defaults.Generate;
        ImagePlan plan = ImagePlan.Of(request.Settings with { Count = 1 }, Configuration, defaults, editing, request.Image);
        var job = new ReconstructionJob(_components, request.Image, plan, progress);
        return await _engine.RunAsync(job.RunAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Answers a question about images as a stream.</summary>
    /// <param name="request">The question.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>Text and images as they are generated; the last update is the complete reply.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(
        UnderstandRequest request,
        IProgress<ProgressReport>? progress = null,
        CancellationToken cancellationToken = default) =>
        StreamAsync(() => GenerationPlan.Of(request, _files), progress, cancellationToken);

    /// <summary>Generates an image from text as a stream.</summary>
    /// <param name="request">The description.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>Text and images as they are generated; the last update is the complete reply.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(
        GenerateRequest request,
        IProgress<ProgressReport>? progress = null,
        CancellationToken cancellationToken = default) =>
        StreamAsync(() => GenerationPlan.Of(request, _files), progress, cancellationToken);

    /// <summary>Edits an image as an instruction says, as a stream.</summary>
    /// <param name="request">The image and the instruction.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>Text and images as they are generated; the last update is the complete reply.</returns>
    public IAsyncEnumerable<ReplyUpdate> StreamAsync(
        EditRequest request,
        IProgress<ProgressReport>? progress = null,
        CancellationToken cancellationToken = default) =>
        StreamAsync(() => GenerationPlan.Of(request, _files), progress, cancellationToken);

    /// <summary>Starts a conversation, or continues one that was kept elsewhere.</summary>
    /// <param name="systemPrompt">The system prompt, or null for that of the chat template.</param>
    /// <param name="turns">The turns so far.</param>
    /// <exception cref="NexusGenException">A reply has another number of images than image tags.</exception>
    public Chat StartChat(string? systemPrompt = null, params IEnumerable<ChatTurn> turns) =>
        new(this, systemPrompt?.Replace(SpecialTokens.ImageTag, "", StringComparison.Ordinal), [], turns);

    /// <summary>Gets the counter of forward passes of denoising.</summary>
    internal PassCounter DenoisingPasses => _components.DenoisingBatcher.Counter;

    internal Chat StartChat(Conversation conversation) =>
        new(this, conversation.SystemPrompt, conversation.SystemImages, conversation.Turns);

    /// <summary>Gets whether special tokens in texts are tokens, see <see cref="NexusGenOptions.ParseSpecialTokens"/>.</summary>
    internal bool ParseSpecialTokens => _components.ParseSpecialTokens;

    /// <summary>Gets the largest number of tokens of a prompt.</summary>
    internal int MaxPromptTokens => GenerationValidation.MaxPromptTokens(_files.LanguageModel);

    /// <summary>Gets the side, in pixels, of the area of one image embedding.</summary>
    internal int EmbeddingSide => _files.LanguageModel.Vision.EmbeddingSide;

    /// <summary>Counts the tokens of a prompt, see <see cref="PromptProcessor.CountTokens"/>.</summary>
    internal int CountTokens(PromptText prompt, IReadOnlyList<RgbImage?> images, int maxPixels) =>
        new PromptProcessor(_files, ParseSpecialTokens).CountTokens(prompt, images, maxPixels);

    /// <summary>Checks that the model can read a prompt of a length.</summary>
    /// <exception cref="ContextLengthException">It can't.</exception>
    internal void CheckPromptLength(int tokens) => GenerationValidation.CheckLength(tokens, _files.LanguageModel);

    /// <summary>Unloads the components and LoRA files that no request is using.</summary>
    public void Trim()
    {
        _components.Cache.Trim();
        _components.Loras.Trim();
    }

    /// <summary>Fails all requests with <see cref="ObjectDisposedException"/> and frees the model.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _components.Dispose();
        _files.Dispose();
    }

    internal async IAsyncEnumerable<ReplyUpdate> StreamAsync(
        Func<GenerationPlan> plan,
        IProgress<ProgressReport>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<ReplyUpdate> updates = Channel.CreateUnbounded<ReplyUpdate>(new UnboundedChannelOptions { SingleReader = true });
        GenerationPlan planned = await Task.Run(plan, cancellationToken).ConfigureAwait(false);
        Task running = RunAsync([planned], (_, update) => updates.Writer.TryWrite(update), progress, cancellation.Token);
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
            // A reader that stops early cancels the request.
            await cancellation.CancelAsync().ConfigureAwait(false);
        }
    }

    // Planning resizes images, so it runs on the thread pool.
    private async Task<Reply> ReplyAsync(
        Func<GenerationPlan> plan, IProgress<ProgressReport>? progress, CancellationToken cancellationToken)
    {
        GenerationPlan planned = await Task.Run(plan, cancellationToken).ConfigureAwait(false);
        return (await RunAsync([planned], null, progress, cancellationToken).ConfigureAwait(false))[0];
    }

    private Task<Reply[]> RunAsync(
        GenerationPlan[] plans,
        Action<int, ReplyUpdate>? update,
        IProgress<ProgressReport>? progress,
        CancellationToken cancellationToken) =>
        _engine.RunAsync(
            async context =>
            {
                using var job = new GenerationJob(_components, plans, update, progress);
                return await job.RunAsync(context);
            },
            cancellationToken);
}
