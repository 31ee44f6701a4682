using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>Cases of the language model: seeing, reading, positions, sampling, replies.</summary>
internal static class AutoregressiveCases
{
    public static CaseOutput RopePositions(ReferenceCase reference, ReferenceModels models)
    {
        LanguageModelConfiguration c = models.Files(reference).LanguageModel;
        (Tensor positions, Tensor deltas) = RopeBatch.Of(
            reference.Tensor("input_ids"), reference.HasTensor("attention_mask") ? reference.Tensor("attention_mask") : null, Grids(reference, "image_grid_thw"), c);
        return new CaseOutput().Add("position_ids", positions).Add("rope_deltas", deltas);
    }

    public static CaseOutput See(ReferenceCase reference, ReferenceModels models)
    {
        RgbImage[] images = [.. reference.Value<string[]>("images").Select(reference.Picture)];
        using ProcessedImages processed = models.Processor(reference).Process(images, resize: false);
        Tensor embeddings = models.Eye(reference).Forward(processed.PixelValues, processed.Grids);
        return new CaseOutput().Add("embeddings", embeddings.to(ScalarType.Float32, CPU));
    }

    public static CaseOutput Read(ReferenceCase reference, ReferenceModels models)
    {
        LanguageModel model = models.LanguageModel(reference);
        LanguageModelConfiguration c = model.Configuration;
        Device device = model.Placement.Device;
        Tensor ids = reference.Tensor("input_ids");
        Tensor mask = reference.HasTensor("attention_mask") ? reference.Tensor("attention_mask") : ones_like(ids);
        (Tensor positions, _) = RopeBatch.Of(ids, mask, Grids(reference, "image_grid_thw"), c);
        Tensor embedded = model.Embed(ids.to(device));
        if (reference.HasTensor("image_embeddings"))
        {
            Tensor places = ids.to(device).eq(Scalars.Of(c.ImageTokenId)).unsqueeze(-1).expand_as(embedded);
            embedded = embedded.masked_scatter(places, reference.Tensor("image_embeddings").to(embedded.dtype, device));
        }

        Tensor states = model.Forward(embedded, positions.to(device), mask.to(device));
        Tensor kept = mask.ne(Scalars.Of(0)).to(device);
        Tensor logits = model.Logits(states).to(ScalarType.Float32);
        Tensor last = Arithmetic.Range(ids.shape[1], device: device).mul(mask.ne(Scalars.Of(0)).to(ScalarType.Int64, device)).argmax(1);
        return new CaseOutput()
            .Add("last_logits", logits.gather(1, last.view(-1, 1, 1).expand(-1, 1, logits.shape[2])).squeeze(1).cpu())
            .Add("logits_norm", (logits.Squared().sum([-1L]).sqrt() * kept).cpu())
            .Add("image_embeddings", (model.ImageEmbeddings(states).to(ScalarType.Float32) * kept.unsqueeze(-1)).cpu());
    }

    public static CaseOutput Sample(ReferenceCase reference, ReferenceModels models)
    {
        var options = new SamplingOptions
        {
            Temperature = reference.Value("temperature", 1.0),
            TopK = reference.Value("top_k", 0),
            TopP = reference.Value("top_p", 1.0),
            RepetitionPenalty = reference.Value("repetition_penalty", 1.0),
        };
        return new CaseOutput().Add(
            "probabilities", TokenSampler.Probabilities(reference.Tensor("logits"), reference.Tensor("previous_ids"), options));
    }

    public static CaseOutput Generate(ReferenceCase reference, ReferenceModels models)
    {
        ModelFiles files = models.Files(reference);
        PromptPicture[] pictures = [.. reference.Value("images", Array.Empty<string>()).Select(file => new PromptPicture(ImageFitting.BoundImage(reference.Picture(file))))];
        ReplyPrompt prompt = models.Reader(reference).Read(reference.Value<string>("prompt"), pictures, models.Eye(reference));
        using ReplyBatch batch = Reply(models.LanguageModel(reference), files, prompt, Options(reference, files));
        ReplySequence reply = batch.Sequences[0];
        int[] ids = [.. reply.GeneratedIds];
        var output = new CaseOutput()
            .Add("input_ids", Ids(prompt.Ids).unsqueeze(0))
            .Add("generated_ids", Ids(ids))
            .Add("text", ReplyText.WithImageTags(files.Tokenizer, ids))
            .Add("plain_text", ReplyText.Plain(files.Tokenizer, ids));
        return reply.Drawn.Count == 0 ? output : output.Add("image_embeddings", reply.Drawn[0].to(ScalarType.Float32, CPU).unsqueeze(0));
    }

    /// <summary>Writes one reply to its end; the caller's.</summary>
    public static ReplyBatch Reply(LanguageModel model, ModelFiles files, ReplyPrompt prompt, ReplyOptions options)
    {
        var batch = new ReplyBatch(model, [(prompt, options)]);
        while (batch.Step())
        {
        }

        return batch;
    }

    /// <summary>How a case's reply is written: its own values, the model's where it has none.</summary>
    public static ReplyOptions Options(ReferenceCase reference, ModelFiles files)
    {
        SamplingOptions own = files.Generation.Sampling;
        return new ReplyOptions
        {
            MaxNewTokens = reference.Value("max_new_tokens", 1024),
            EosTokenIds = files.Generation.EosTokenIds,
            DrawnGrid = files.Configuration.Grids.Drawn,
            Sampling = own with
            {
                Temperature = reference.Value("temperature", own.Temperature),
                TopK = reference.Value("top_k", own.TopK),
                TopP = reference.Value("top_p", own.TopP),
                RepetitionPenalty = reference.Value("repetition_penalty", own.RepetitionPenalty),
            },
        };
    }

    /// <summary>Tokens as a tensor, [count].</summary>
    public static Tensor Ids(IEnumerable<int> ids) => tensor(ids.Select(id => (long)id).ToArray());

    private static GridThw[] Grids(ReferenceCase reference, string name)
    {
        if (!reference.HasTensor(name))
        {
            return [];
        }

        long[] sides = reference.Tensor(name).data<long>().ToArray();
        return [.. sides.Chunk(3).Select(grid => new GridThw(grid[0], grid[1], grid[2]))];
    }
}
