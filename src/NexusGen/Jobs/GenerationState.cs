using NexusGen.Autoregressive;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;
using NexusGen.Weights.Modules;

namespace NexusGen.Jobs;

/// <summary>One request of a <see cref="GenerationJob"/>: what was computed for it so far.</summary>
/// <param name="plan">The request.</param>
/// <param name="files">The model's files.</param>
/// <param name="update">Receives the reply piece by piece, or null for none.</param>
internal sealed class GenerationState(GenerationPlan plan, ModelFiles files, Action<ReplyUpdate>? update) : IDisposable
{
    private readonly IncrementalText _text = new(files.Tokenizer, plan.Reply.StopSequences);
    private string _plainText = "";

    /// <summary>Gets the request.</summary>
    public GenerationPlan Plan => plan;

    /// <summary>Gets the encoded images of the prompt; null for images that the model itself generated.</summary>
    public EncodedImage?[] PromptImages { get; } = new EncodedImage?[plan.Images.Count];

    /// <summary>Gets or sets the changes of the language model (LoRA) that the request asks for, or null for none.</summary>
    public LinearDeltas? LanguageDeltas { get; set; }

    /// <summary>Gets or sets the changes of the vision encoder (LoRA) that the request asks for, or null for none.</summary>
    public LinearDeltas? VisionDeltas { get; set; }

    /// <summary>Gets or sets the encoded source of an edit, or null for none.</summary>
    public EncodedImage? Source { get; set; }

    /// <summary>Gets the embeddings that the language model predicted, one for each image of the reply.</summary>
    public List<EncodedImage> Predicted { get; } = [];

    /// <summary>Gets the tokens of the prompt.</summary>
    public IReadOnlyList<int> PromptIds { get; private set; } = [];

    /// <summary>Gets or sets the reply.</summary>
    public Reply? Reply { get; set; }

    /// <summary>
    /// Returns how an image of the reply is decoded. A model that was trained to choose says so before the image.
    /// </summary>
    /// <param name="index">The index of the image in the reply.</param>
    public ImagePlan PlanOf(int index)
    {
        if (plan.NewImage is not { } newImage)
        {
            return plan.Image;
        }

        string[] texts = Reply!.Text.Split(SpecialTokens.ImageTag);
        string before = texts[Math.Min(index, texts.Length - 1)];
        return files.Configuration.NewImageReplies.Any(lead => before.Contains(lead, StringComparison.Ordinal))
            ? newImage
            : plan.Image;
    }

    /// <summary>Reports a piece of the reply.</summary>
    public void Report(ReplyUpdate piece) => update?.Invoke(piece);

    /// <summary>Gets the prompt and the options of its generation.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="processor">Tokenizes the prompt.</param>
    /// <returns>The prompt, whose embeddings belong to the current dispose scope, and the options.</returns>
    public (TokenizedPrompt Prompt, GenerationOptions Options) Begin(LanguageModel model, PromptProcessor processor)
    {
        TokenizedPrompt prompt = processor.Tokenize(plan.Prompt, PromptImages, model.ImagePrefill);
        PromptIds = prompt.Ids;
        GenerationOptions options = plan.GenerationOptions(files) with { Deltas = LanguageDeltas };
        return (prompt, plan.Reply.StopSequences.Count == 0 ? options : options with { StopWhen = _ => _text.Stopped });
    }

    /// <summary>Follows a sequence: its text is decoded once, reported, and searched for stop sequences.</summary>
    public void Follow(GenerationSequence sequence)
    {
        sequence.TokenGenerated += token => Say(_text.Append(token));
        sequence.ImagePredicted += index => Report(new ReplyUpdate.ImageStarted(index));
    }

    /// <summary>
    /// Copies what a sequence has generated and disposes the encoded images of the prompt. Call it once the sequence has ended.
    /// </summary>
    public void Finish(GenerationSequence sequence)
    {
        Say(_text.Flush());
        int[] ids = [.. sequence.GeneratedIds];
        Predicted.AddRange(sequence.ImageEmbeddings.Select(
            embeddings => new EncodedImage(embeddings.clone().DetachFromDisposeScope(), sequence.Options.ImageGrid)));
        string text = sequence.Finish == FinishReason.StopSequence ? _plainText : ReplyText.WithImageTags(files.Tokenizer, ids);
        Reply = new Reply(text, _plainText, ids, sequence.Finish!.Value) { PromptTokenCount = PromptIds.Count };

        // Decoding needs the source and the predicted embeddings, not the images of the prompt.
        foreach ((int i, EncodedImage? image) in PromptImages.Index())
        {
            image?.Dispose();
            PromptImages[i] = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EncodedImage? image in PromptImages.Append(Source).Concat(Predicted))
        {
            image?.Dispose();
        }
    }

    private void Say(string text)
    {
        if (text.Length > 0)
        {
            _plainText += text;
            Report(new ReplyUpdate.TextDelta(text));
        }
    }
}
