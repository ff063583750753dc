/** Written by scripts/translations from the tables of the integration. */
export const TYPES = {
  credit_reception: {
    icon: "mdi:star-plus",
    amount: "optional",
    audience: "staff",
  },
  redeem_giftcard: {
    icon: "mdi:wallet-giftcard",
    amount: "required",
    audience: "customer",
  },
  top_up_giftcard: {
    icon: "mdi:gift",
    amount: "none",
    audience: "staff",
  },
  voucher: {
    icon: "mdi:ticket-percent",
    amount: "none",
    audience: "customer",
  },
  portal: {
    icon: "mdi:qrcode",
    amount: "optional",
    audience: "customer",
  },
  pay_prepaid: {
    icon: "mdi:wallet",
    amount: "optional",
    audience: "customer",
  },
  top_up_prepaid: {
    icon: "mdi:wallet-plus",
    amount: "none",
    audience: "staff",
  },
};

export const TRANSACTIONS = [
  "credit_reception",
  "giftcard_transaction",
  "voucher_redeemed",
  "reward_reception",
  "prepaid_transaction",
];
